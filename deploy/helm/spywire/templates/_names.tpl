{{- define "spywire.name" -}}{{ default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}{{- end }}

{{- define "spywire.fullname" -}}
{{- $name := include "spywire.name" . -}}
{{- if .Values.fullnameOverride -}}{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}{{- end -}}
{{- end }}

{{/* The name of a component's objects. The pod of mode single has the release's own. */}}
{{- define "spywire.object" -}}
{{- if eq .component "single" -}}{{ include "spywire.fullname" .root }}{{ else -}}{{ include "spywire.fullname" .root }}-{{ .component }}{{- end -}}
{{- end }}

{{/* Selectors can never be changed, so they have nothing in them that a release changes. */}}
{{- define "spywire.selector" -}}
app.kubernetes.io/name: {{ include "spywire.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with get . "component" }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "spywire.labels" -}}
{{ include "spywire.selector" . }}
app.kubernetes.io/part-of: spywire
app.kubernetes.io/version: {{ .root.Chart.AppVersion | replace "+" "_" | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end }}

{{- define "spywire.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end -}}
{{- end }}

{{/* The workers that have a pod, as a JSON list. Mode single is one pod of them all. */}}
{{- define "spywire.components" -}}
{{- if eq .Values.mode "single" }}["single"]{{ else }}["fetcher", "parser", "classifier", "sink"]{{ end -}}
{{- end }}

{{- define "spywire.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "spywire.fullname" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end -}}
{{- end }}

{{/* A component's values over those of all pods. */}}
{{- define "spywire.part" -}}
{{- $part := index .root.Values .component | default dict -}}
{{- mergeOverwrite (deepCopy .root.Values.pods) (deepCopy $part) | toYaml -}}
{{- end }}

{{/* 90 % of a memory quantity, in bytes: what is left is for the stacks and what is not Go's. */}}
{{- define "spywire.memlimit" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $quantity := toString . -}}
{{- $number := regexFind "^[0-9.]+" $quantity -}}
{{- $unit := trimPrefix $number $quantity -}}
{{- if or (eq $number "") (not (hasKey $units $unit)) }}{{ fail (printf "memory limit %q: want a number with Mi, Gi or another unit" $quantity) }}{{ end -}}
{{- mulf (float64 $number) (index $units $unit) 0.9 | floor | int64 -}}
{{- end }}

{{/* How many CPUs Go uses, and so how many records a worker handles at once: what was asked for, rounded up, and no less than two. Without
a limit it would be all of the node's, and one worker's memory would depend on the node that it came to. */}}
{{- define "spywire.cpus" -}}
{{- $quantity := toString . -}}
{{- $cpus := ternary (divf (float64 (trimSuffix "m" $quantity)) 1000) (float64 $quantity) (hasSuffix "m" $quantity) -}}
{{- max 2 (ceil $cpus | int) -}}
{{- end }}
