#!/usr/bin/env bash
# Installs the chart on the cluster that kubectl points at, in both modes one after the other, feeds it the sample newsroom, and holds
# it to what is promised: the stories that the newsroom has are on NATS and in the store and every URL has its outcome, although the
# release is upgraded and all its pods are evicted while they work, and no host was asked faster than agreed. Then it uninstalls.
#
#	IMAGE=registry.example/spywire:v1 deploy/e2e.sh [single|distributed]…
#
# Each mode has a namespace of its own, which is deleted at its end; no node is cordoned. What is lacking is named before anything
# is made. Settings come from the environment:
set -euo pipefail

IMAGE=${IMAGE:-}                              # spywire's image, repository:tag, which the nodes can pull or have
NAMESPACE=${NAMESPACE:-spywire-e2e}           # … with -single or -distributed behind it is made and deleted, and must not be there
VALUES=${VALUES:-}                            # a values file of yours on top: pull secrets, storage class, tolerations …
NATS_URL=${NATS_URL:-}                        # distributed: servers of yours, empty ones: nats://HOST:4222 and
STORE_URL=${STORE_URL:-}                      # postgres://USER:PASSWORD@HOST:5432/DATABASE; without them some are started, with …
NATS_IMAGE=${NATS_IMAGE:-nats:2.12}           # … these images
POSTGRES_IMAGE=${POSTGRES_IMAGE:-postgres:17}
LOAD=${LOAD:-3000}                            # generated articles, beside the written ones
PAUSE=${PAUSE:-1s}                            # between two requests to a host
PATIENCE=${PATIENCE:-600}                     # seconds that anything may take
KEEP=${KEEP:-}                                # 1: leave the releases and their servers there afterwards, to look at them
HELM=${HELM:-helm}
KUBECTL=${KUBECTL:-kubectl}

RELEASE=news
OURS=app.kubernetes.io/instance=$RELEASE
CHART=$(cd "$(dirname "$0")" && pwd)/helm/spywire
all=$(mktemp -d)
mode='' namespace='' work='' log='' subscriber=''
made=()
summary=()

k() { "$KUBECTL" --namespace "$namespace" "$@"; }
say() { printf '%4ds  %s\n' "$SECONDS" "$*"; }

# held tells what was seen to hold, now and in the summary.
held() {
	say "ok: $*"
	summary+=("$(printf '%-11s  %s' "$mode" "$*")")
}

fail() {
	say "FAILED: $*" >&2
	{
		echo "--- pods, events, logs"
		k get pods -o wide
		k get events --sort-by=.metadata.creationTimestamp | tail -n 15
		k logs --selector "$OURS" --prefix --tail=10 --all-containers
	} >&2 2>&1 || true
	exit 1
}

# enter makes a mode the one that everything is about.
enter() {
	mode=$1 namespace=$NAMESPACE-$1 work=$all/$1
	mkdir "$work"
	say "mode $mode"
}

# within WHAT COMMAND… runs the command until it succeeds.
within() {
	local what=$1 deadline=$((SECONDS + PATIENCE)) unpulled
	shift
	until "$@"; do
		unpulled=$(k get pods -o jsonpath='{range .items[*].status.containerStatuses[*]}{.image}{" "}{.state.waiting.reason}{"\n"}{end}' | grep -E 'ImagePull|ImageNeverPull|InvalidImageName' | sort -u || true)
		[ -z "$unpulled" ] || fail "the nodes cannot get $unpulled: push it to where they can pull from, or load it into them, and name it in IMAGE, NATS_IMAGE or POSTGRES_IMAGE"
		[ $SECONDS -lt $deadline ] || fail "$what: not within $PATIENCE s"
		sleep 2
	done
}

# ---- what is needed

missing=()
need() { missing+=("$*"); }

check_cluster() {
	local said minor right word
	if ! said=$("$KUBECTL" get --raw /version --request-timeout=15s 2>&1); then
		need "a cluster that kubectl reaches (kubectl config use-context NAME): $(tail -n 1 <<<"$said")"
		return
	fi
	minor=$(sed -n 's/.*"minor": *"\([0-9]*\).*/\1/p' <<<"$said")
	[ "${minor:-0}" -ge 30 ] || need "Kubernetes 1.30 or newer, this is 1.$minor"
	for word in "$@"; do
		! "$KUBECTL" get namespace "$NAMESPACE-$word" >/dev/null 2>&1 ||
			need "a namespace that is not there, by another NAMESPACE; $NAMESPACE-$word is, and if an earlier run has left it: kubectl delete namespace $NAMESPACE-$word"
	done
	while read -r right; do
		# shellcheck disable=SC2086 # a verb and a kind
		"$KUBECTL" auth can-i ${right} --namespace "$NAMESPACE-$1" >/dev/null 2>&1 || need "the right to $right (kubectl auth can-i $right)"
	done <<-RIGHTS
		create namespaces
		create deployments.apps
		create statefulsets.apps
		create jobs.batch
		create secrets
		create networkpolicies.networking.k8s.io
		create poddisruptionbudgets.policy
		create pods --subresource=exec
		create pods --subresource=eviction
		get pods --subresource=log
	RIGHTS
	if [[ " $* " == *" single "* && -z "$VALUES" ]] &&
		! "$KUBECTL" get storageclasses -o yaml | grep -q 'is-default-class: "true"' &&
		! "$KUBECTL" get persistentvolumes -o jsonpath='{.items[?(@.status.phase=="Available")].metadata.name}' | grep -q .; then
		need "a default StorageClass for mode single, or a file VALUES=… with persistence: {storageClass: NAME}"
	fi
}

check() {
	local word seen=" "
	for word in "$@"; do
		[[ $word == single || $word == distributed ]] || need "a mode, single or distributed, instead of $word"
		[[ $seen != *" $word "* ]] || need "each mode once, and not $word again"
		seen+="$word "
	done
	command -v "$HELM" >/dev/null || need "helm 3.14 or newer on the PATH, or in HELM"
	[[ ${IMAGE##*/} == *:* ]] || need "IMAGE=repository:tag, an image of spywire that the nodes can pull (make image PUSH=repository:tag makes one and pushes it)"
	[ -z "$VALUES" ] || [ -r "$VALUES" ] || need "the file VALUES=$VALUES"
	if command -v "$KUBECTL" >/dev/null; then check_cluster "$@"; else need "kubectl on the PATH, or in KUBECTL"; fi
	[ ${#missing[@]} -eq 0 ] && return
	echo "What is lacking:" >&2
	printf '  - %s\n' "${missing[@]}" >&2
	exit 2
}

# ---- what is fed, and on what it runs

# server NAME PORT PATH IMAGE [ENV] [ARGS]: one pod that keeps its data as long as it lives, and its service.
server() {
	k apply -f - >/dev/null <<-YAML
		apiVersion: v1
		kind: Service
		metadata: {name: $1}
		spec: {selector: {app: $1}, ports: [{port: $2}]}
		---
		apiVersion: v1
		kind: Pod
		metadata: {name: $1, labels: {app: $1}}
		spec:
		  automountServiceAccountToken: false
		  enableServiceLinks: false
		  terminationGracePeriodSeconds: 10
		  securityContext: {runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
		  containers:
		    - name: $1
		      image: $4
		      env: [${5:-}]
		      args: [${6:-}]
		      readinessProbe: {tcpSocket: {port: $2}, periodSeconds: 2}
		      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
		      volumeMounts: [{name: data, mountPath: $3}]
		  volumes: [{name: data, emptyDir: {}}]
	YAML
}

ready() { k wait pods --for=condition=Ready --timeout=5s "$@" >/dev/null 2>&1; }

# lay_out makes the namespace with the newsroom in it, and with servers where the mode wants some.
lay_out() {
	"$KUBECTL" create namespace "$namespace" >/dev/null
	made+=("$namespace")
	"$KUBECTL" label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted >/dev/null
	server newsroom 8080 /var/lib/spywire "$IMAGE" "" "newsroom, '--listen=:8080', '--load=$LOAD', '--pause=$PAUSE'"
	nats=nats://spywire:e2e@$RELEASE-spywire-nats:4222
	if [ "$mode" = single ]; then
		k create secret generic door --from-literal=password=e2e >/dev/null
	else
		nats=${NATS_URL:-nats://nats:4222}
		store=${STORE_URL:-postgres://spywire:e2e@postgres:5432/spywire}
		[ -n "$NATS_URL" ] || server nats 4222 /data "$NATS_IMAGE" "" "'-js', '-sd', /data"
		[ -n "$STORE_URL" ] || server postgres 5432 /var/lib/postgresql/data "$POSTGRES_IMAGE" \
			"{name: POSTGRES_USER, value: spywire}, {name: POSTGRES_PASSWORD, value: e2e}, {name: POSTGRES_DB, value: spywire}, {name: PGDATA, value: /var/lib/postgresql/data/e2e}"
	fi
	within "the newsroom and the servers are ready" ready --all
	k exec newsroom -- spywire newsroom --list --load "$LOAD" >"$work/feeds.yaml"
	k exec newsroom -- spywire newsroom --expect --load "$LOAD" >"$work/expect.jsonl"
	sed -n 's/.*"outcome":"stored","url":"\([^"]*\)".*/\1/p' "$work/expect.jsonl" >"$work/stories"
	k logs --follow newsroom >"$work/newsroom.log" 2>/dev/null &
	log=$!
	say "the newsroom is open: $(wc -l <"$work/expect.jsonl") URLs, $(wc -l <"$work/stories") of them stories"
}

# ---- the release

# upgrade LEVEL installs the release or changes it; the level of the log is what changes.
upgrade() {
	local web="[{ports: [{port: 8080}], to: [{podSelector: {matchLabels: {app: newsroom}}}]}]"
	cat >"$work/values.yaml" <<-YAML
		mode: $mode
		image: {repository: "${IMAGE%:*}", tag: "${IMAGE##*:}"}
		config:
		  log: {format: json, level: $1}
		  fetch: {user_agent: "spywire-e2e/1.0 (+https://example.org/)", host_delay: $PAUSE, min_interval: 10s, max_interval: 20s, connect_to: ["*.localhost=newsroom.$namespace:8080"]}
		networkPolicy: {extraEgress: {single: $web, fetcher: $web}}
	YAML
	if [ "$mode" = single ]; then
		cat >>"$work/values.yaml" <<<"nats: {listen: {enabled: true, passwordSecret: door}}"
	else
		cat >>"$work/values.yaml" <<-YAML
			nats: {url: "$nats"}
			store: {url: "$store"}
			fetcher: {replicas: 2}
			parser: {replicas: 2}
			sink: {replicas: 2}
		YAML
	fi
	"$HELM" upgrade --install "$RELEASE" "$CHART" --namespace "$namespace" --wait --timeout "${PATIENCE}s" --values "$work/values.yaml" \
		${VALUES:+--values "$VALUES"} --set-file "feeds.newsroom\.yaml=$work/feeds.yaml" >"$work/helm.log" 2>&1 || { cat "$work/helm.log" >&2; fail "helm upgrade --install"; }
}

workloads() { k get deployments,statefulsets --selector "$OURS" -o name; }

# keeper is the workload that writes the store.
keeper() { k get deployments,statefulsets --selector "$OURS,app.kubernetes.io/component in (single, sink)" -o name; }

# account counts the URLs that have ended (settled) and those under way (listed), as the store says.
account() {
	local said
	said=$(k exec "$(keeper)" -- spywire verify 2>/dev/null || true)
	listed=$(sed -n 's/.* current outcomes:.*  listed \([0-9]*\).*/\1/p' <<<"$said")
	settled=$(sed -n 's/.* \([0-9]*\) current outcomes.*/\1/p' <<<"$said")
	settled=$((${settled:-0} - ${listed:=0}))
}

at_least() { account && [ "$settled" -ge "$1" ]; }

# all_settled leaves out the pages of hosts whose robots.txt fails, since it is asked for again over days.
all_settled() { account && [ $((settled + listed)) -ge "$1" ] && [ "$listed" -le "$(grep -c '"outcome":"robots"' "$work/expect.jsonl")" ]; }

all_rolled_out() {
	local w
	for w in $(workloads); do k rollout status "$w" --timeout=5s >/dev/null 2>&1 || return 1; done
}

# evict takes a pod away as the drain of its node does, as soon as its budget lets it go.
evict() {
	local said deadline=$((SECONDS + PATIENCE))
	until said=$("$KUBECTL" create --raw "/api/v1/namespaces/$namespace/pods/$1/eviction" -f - 2>&1 <<<"{\"apiVersion\": \"policy/v1\", \"kind\": \"Eviction\", \"metadata\": {\"name\": \"$1\"}}"); do
		case $said in
		*"disruption budget"*) held_back=$((held_back + 1)) ;;
		*"not found"*) return ;;
		*) fail "evicting $1: $said" ;;
		esac
		[ $SECONDS -lt $deadline ] || fail "evicting $1: $said"
		sleep 1
	done
}

drain() {
	local pods pod
	held_back=0
	pods=$(k get pods --selector "$OURS" --field-selector status.phase=Running -o jsonpath='{.items[*].metadata.name}')
	for pod in $pods; do evict "$pod"; done
	[ "$mode" = single ] || [ $held_back -gt 0 ] || fail "two pods of a worker were evicted at once, its budget did not hold"
	within "all workers are back" all_rolled_out
	held "$(wc -w <<<"$pods") pods evicted, budgets held back $held_back times, all are back"
}

# answers WHO URL: whoever asks there gets an answer over HTTP, whatever it is.
answers() {
	local said
	said=$(k exec "$1" -- spywire ready "$2" 2>&1 || true)
	[[ $said == *"it answers"* || $said == *"  ok "* ]]
}

# fence tries what the network policies keep out, where the network enforces them: a worker's port is closed to a stranger in the
# cluster, and the stranger's to all workers.
fence() {
	local ip w
	ip=$(k get pods --selector "$OURS" -o jsonpath='{.items[0].status.podIP}')
	[[ $ip != *:* ]] || ip="[$ip]"
	server stranger 8080 /var/lib/spywire "$IMAGE" "" "newsroom, '--listen=:8080'"
	within "the stranger is ready" ready stranger
	answers newsroom http://stranger:8080 || fail "the stranger does not answer the newsroom"
	if answers stranger "http://$ip:8040"; then
		say "this cluster's network enforces no policies, and what they keep out was not tried"
	else
		for w in $(workloads); do ! answers "$w" http://stranger:8080 || fail "$w reaches a pod that its network policy does not name"; done
		held "network policies: no stranger reaches a worker, no worker a stranger"
	fi
	k delete pod,service stranger >/dev/null
}

# ---- what is looked at

# has FILE: each story of the newsroom is in a file of records.
has() {
	local url
	while read -r url; do grep -qF "\"url\":\"$url\"" "$1" || return 1; done <"$work/stories"
}

# follow subscribes to the stories on the beat from the first on, as a client in the cluster that is no part of the release.
follow() {
	k exec newsroom -- spywire tail --set "nats.url=$nats" --all --jsonl 'spywire.story.v1.primary.>' >"$work/nats.jsonl" 2>"$work/tail.log" &
	subscriber=$!
}

on_nats() {
	kill -0 "$subscriber" 2>/dev/null || { cat "$work/tail.log" >&2 && follow; }
	has "$work/nats.jsonl"
}

in_store() { k exec "$(keeper)" -- spywire export stories >"$work/store.jsonl" 2>/dev/null && has "$work/store.jsonl"; }

polite() {
	local said
	k delete pod newsroom --wait >/dev/null
	wait "$log" || true
	said=$(grep -E '^[0-9]+ requests, 0 of them impolite' "$work/newsroom.log") || { tail -n 5 "$work/newsroom.log" >&2 && fail "hosts were asked faster than every $PAUSE"; }
	held "$said"
}

leftovers() { k get all,configmaps,secrets,serviceaccounts,networkpolicies,poddisruptionbudgets --selector "$OURS" -o name; }
none_left() { [ -z "$(leftovers)" ]; }

try() {
	local urls
	lay_out
	urls=$(wc -l <"$work/expect.jsonl")
	upgrade info
	held "installed: $(workloads | wc -l) workloads ready"
	within "a tenth of all URLs has an outcome" at_least $((urls / 10))
	[ "$settled" -lt $((urls * 9 / 10)) ] || fail "$settled of $urls URLs are done before anything is rolled: give it more to do, LOAD=$((LOAD * 4))"
	say "upgrading with $settled of $urls URLs done"
	upgrade debug
	account
	held "upgraded and rolled, with $settled of $urls URLs done by then"
	drain
	"$HELM" test "$RELEASE" --namespace "$namespace" --timeout "${PATIENCE}s" >"$work/helm.log" 2>&1 || { cat "$work/helm.log" >&2; fail "helm test"; }
	held "helm test"
	fence
	within "every URL has an outcome" all_settled "$urls"
	k exec "$(keeper)" -- spywire verify >"$work/verify" || { cat "$work/verify" >&2; fail "spywire verify"; }
	held "$(tr '\n' ' ' <"$work/verify")"
	within "all stories are in the store" in_store
	follow
	within "all stories are on NATS" on_nats
	kill "$subscriber"
	held "$(wc -l <"$work/stories") stories in the store and on NATS"
	polite
	[ -n "$KEEP" ] || depart
}

depart() {
	"$HELM" uninstall "$RELEASE" --namespace "$namespace" --wait --timeout "${PATIENCE}s" >/dev/null
	within "nothing is left" none_left
	[ "$mode" != single ] || [ -n "$(k get persistentvolumeclaims --selector "$OURS" -o name)" ] || fail "the volume went with the release"
	held "uninstalled; nothing is left$([ "$mode" != single ] || echo ' but the volume')"
}

# tidy ends what runs here, and takes away what a mode that failed has left.
tidy() {
	local code=$?
	kill ${log:+"$log"} ${subscriber:+"$subscriber"} 2>/dev/null || true
	if [ -n "$mode" ]; then
		[ "$code" -eq 0 ] || say "mode $mode ended with exit code $code, for the reason above" >&2
		if [ -n "$KEEP" ]; then
			say "kept: $all and the namespaces ${made[*]}"
			return
		fi
		"$HELM" uninstall "$RELEASE" --namespace "$namespace" --ignore-not-found >/dev/null 2>&1 || true
		"$KUBECTL" delete namespace "$namespace" --ignore-not-found --timeout "${PATIENCE}s" >/dev/null || true
	fi
	rm -rf "$all"
}

main() {
	local each
	[ $# -gt 0 ] || set -- single distributed
	trap tidy EXIT
	check "$@"
	for each in "$@"; do
		enter "$each"
		try
		[ -n "$KEEP" ] || "$KUBECTL" delete namespace "$namespace" --timeout "${PATIENCE}s" >/dev/null
	done
	echo
	printf '%s\n' "${summary[@]}"
}

main "$@"
