{{/* The variables of a container: root, component, resources. Commands that somebody runs in it by `kubectl exec` see them too. */}}
{{- define "spywire.env" -}}
{{- $v := .root.Values -}}
{{- $single := eq $v.mode "single" -}}
- {name: GOMEMLIMIT, value: {{ include "spywire.memlimit" .resources.limits.memory | quote }}}
- {name: GOMAXPROCS, value: {{ include "spywire.cpus" .resources.requests.cpu | quote }}}
{{- if $single }}
{{- if $v.nats.listen.enabled }}
- {name: SPYWIRE_NATS_LISTEN, value: ":4222"}
- {name: SPYWIRE_NATS_PASSWORD_FILE, value: /etc/spywire/nats-listen/password}
{{- end }}
{{- else }}
{{- if $v.nats.urlKey }}
- {name: SPYWIRE_NATS_URL_FILE, value: /etc/spywire/nats/url}
{{- else }}
- {name: SPYWIRE_NATS_URL, value: {{ $v.nats.url | quote }}}
{{- end }}
{{- if $v.nats.credsKey }}
- {name: SPYWIRE_NATS_CREDS, value: /etc/spywire/nats/creds}
{{- end }}
{{- end }}
{{- if and (has .component (list "single" "sink" "migrate")) (or $v.store.existingSecret $v.store.url) }}
- {name: SPYWIRE_STORE_FILE, value: /etc/spywire/store/url}
{{- end }}
{{- if has .component (list "single" "fetcher") }}
{{- with concat (keys $v.feeds | sortAlpha) $v.existingFeeds.files }}
- {name: SPYWIRE_FEEDS, value: "/etc/spywire/feeds/{{ join ",/etc/spywire/feeds/" . }}"}
{{- end }}
{{- with $v.websub.url }}
- {name: SPYWIRE_FETCH_CALLBACK_URL, value: {{ . | quote }}}
- {name: SPYWIRE_FETCH_CALLBACK_LISTEN, value: ":8048"}
{{- end }}
{{- end }}
{{- if has .component (list "single" "classifier") }}
{{- with concat (keys $v.watchlists | sortAlpha) $v.existingWatchlists.files }}
- {name: SPYWIRE_WATCHLISTS, value: "/etc/spywire/watchlists/{{ join ",/etc/spywire/watchlists/" . }}"}
{{- end }}
{{- end }}
{{- end }}

{{/* What a component needs of files, and no more: only who writes the store gets its password. Each is mounted by its name. */}}
{{- define "spywire.volumes" -}}
{{- $v := .root.Values -}}
{{- $name := include "spywire.fullname" .root -}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
- name: config
  configMap: {name: {{ $name }}{{ if eq .component "migrate" }}-migrate{{ end }}}
{{- if eq $v.mode "single" }}
{{- if $v.nats.listen.enabled }}
- name: nats-listen
  secret: {secretName: {{ $v.nats.listen.passwordSecret }}, defaultMode: 0440, items: [{key: {{ $v.nats.listen.passwordKey }}, path: password}]}
{{- end }}
{{- with $v.persistence.existingClaim }}
- name: data
  persistentVolumeClaim: {claimName: {{ . }}}
{{- end }}
{{- else if or $v.nats.urlKey $v.nats.credsKey }}
- name: nats
  secret:
    secretName: {{ $v.nats.existingSecret }}
    defaultMode: 0440
    items:
      {{- with $v.nats.urlKey }}
      - {key: {{ . }}, path: url}
      {{- end }}
      {{- with $v.nats.credsKey }}
      - {key: {{ . }}, path: creds}
      {{- end }}
{{- end }}
{{- if has .component (list "single" "sink" "migrate") }}
{{- if $v.store.existingSecret }}
- name: store
  secret: {secretName: {{ $v.store.existingSecret }}, defaultMode: 0440, items: [{key: {{ $v.store.key }}, path: url}]}
{{- else if $v.store.url }}
- name: store
  secret: {secretName: {{ $name }}{{ if eq .component "migrate" }}-migrate{{ else }}-store{{ end }}, defaultMode: 0440}
{{- end }}
{{- end }}
{{- if has .component (list "single" "fetcher") }}
{{- if or $v.feeds $v.existingFeeds.configMap }}
- name: feeds
  configMap: {name: {{ if $v.feeds }}{{ $name }}-feeds{{ else }}{{ $v.existingFeeds.configMap }}{{ end }}}
{{- end }}
{{- end }}
{{- if has .component (list "single" "classifier") }}
{{- if or $v.watchlists $v.existingWatchlists.configMap }}
- name: watchlists
  configMap: {name: {{ if $v.watchlists }}{{ $name }}-watchlists{{ else }}{{ $v.existingWatchlists.configMap }}{{ end }}}
{{- end }}
{{- end }}
{{- end }}

{{- define "spywire.mounts" -}}
{{- range include "spywire.volumes" . | fromYamlArray }}
{{- if eq .name "tmp" }}
- {name: tmp, mountPath: /tmp}
{{- else if ne .name "data" }}
- {name: {{ .name }}, mountPath: /etc/spywire/{{ .name }}, readOnly: true}
{{- end }}
{{- end }}
{{- if eq .component "single" }}
- {name: data, mountPath: /var/lib/spywire}
{{- end }}
{{- end }}
