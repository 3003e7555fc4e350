{{/* Pod Security "restricted", and what it does not ask for: no token, and no variables that Kubernetes makes for services. */}}
{{- define "spywire.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A container of our image, but for its name and arguments. */}}
{{- define "spywire.container" -}}
image: {{ include "spywire.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* The template of a worker's pods: root, component. */}}
{{- define "spywire.pod" -}}
{{- $v := .root.Values -}}
{{- $part := include "spywire.part" . | fromYaml -}}
{{- $env := dict "root" .root "component" .component "resources" $part.resources -}}
{{- $hubs := and $v.websub.url (has .component (list "single" "fetcher")) -}}
{{- $subscribers := and (eq .component "single") $v.nats.listen.enabled -}}
metadata:
  labels:
    {{- include "spywire.labels" . | nindent 4 }}
    {{- with $part.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: spywire
    checksum/config: {{ list $v.config $v.store.url | toJson | sha256sum }}
    {{- with $part.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "spywire.podSpec" (dict "ctx" . "part" $part "env" $env "hubs" $hubs "subscribers" $subscribers) | nindent 2 }}
{{- end }}

{{- define "spywire.podSpec" -}}
{{- $base := include "spywire.podSpecBase" . | fromYaml -}}
{{- mergeOverwrite $base (deepCopy .part.podSpec) | toYaml -}}
{{- end }}

{{- define "spywire.podSpecBase" -}}
{{- $root := .ctx.root -}}
{{- $v := $root.Values -}}
{{- $component := .ctx.component -}}
{{ include "spywire.podSecurity" $root }}
serviceAccountName: {{ include "spywire.serviceAccount" $root }}
terminationGracePeriodSeconds: {{ .part.terminationGracePeriodSeconds }}
{{- if and .part.topologySpread (ne $component "single") }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "spywire.selector" .ctx | nindent 8 }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" "runtimeClassName" }}
{{- with index $.part $key }}
{{ $key }}: {{ toJson . }}
{{- end }}
{{- end }}
containers:
  - name: spywire
    {{- include "spywire.container" $root | nindent 4 }}
    args:
      - run
      - --target={{ if eq $component "single" }}all{{ else }}{{ $component }}{{ end }}
      - --config=/etc/spywire/config/spywire.yaml
      {{- if and $v.sample (has $component (list "single" "fetcher")) }}
      - --sample
      {{- end }}
    env:
      {{- include "spywire.env" .env | nindent 6 }}
      {{- with .part.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with .part.envFrom }}
    envFrom: {{- toYaml . | nindent 6 }}
    {{- end }}
    ports:
      - {name: http, containerPort: 8040}
      {{- if .hubs }}
      - {name: websub, containerPort: 8048}
      {{- end }}
      {{- if .subscribers }}
      - {name: nats, containerPort: 4222}
      {{- end }}
    # Both are the process alone; servers that are away make it unready and never restart it. A store that is indexed anew takes its time.
    startupProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 2, failureThreshold: 300, timeoutSeconds: 2}
    livenessProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5}
    readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 2}
    {{- if or .hubs .subscribers }}
    # Until nobody is sent here any more.
    lifecycle: {preStop: {sleep: {seconds: 5}}}
    {{- end }}
    resources: {{- toYaml .part.resources | nindent 6 }}
    volumeMounts:
      {{- include "spywire.mounts" .ctx | nindent 6 }}
      {{- with .part.volumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  {{- include "spywire.volumes" .ctx | nindent 2 }}
  {{- with .part.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
