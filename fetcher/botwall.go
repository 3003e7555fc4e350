package fetcher

import (
	"bytes"
	"strings"

	"github.com/spywire/spywire/fetcher/web"
)

// wallHeaders betray a challenge whatever the status.
var wallHeaders = []struct{ key, contains, name string }{
	{"Cf-Mitigated", "challenge", "Cloudflare"},
	{"X-Amzn-Waf-Action", "challenge", "AWS WAF"},
	{"X-Amzn-Waf-Action", "captcha", "AWS WAF"},
}

// wallMarks betray a challenge in a body. Those that ordinary pages of the same vendors carry count only with a
// status that refuses.
var wallMarks = []struct {
	mark, name string
	refused    bool
}{
	{"_cf_chl_opt", "Cloudflare", false},
	{"captcha-delivery.com/captcha", "DataDome", false},
	{"/_sec/cp_challenge", "Akamai", false},
	{"__qrator/qauth", "Qrator", false},
	{"sucuri_cloudproxy_js", "Sucuri", false},
	{"/.well-known/sgcaptcha", "SiteGround", false},
	{"/TSPD/", "F5", false},
	{"ddos-guard/js-challenge", "DDoS-Guard", false},
	{"id=\"anubis_challenge\"", "Anubis", false},
	{"_Incapsula_Resource", "Imperva", true},
	{"captcha-delivery.com", "DataDome", true},
	{"challenge-platform", "Cloudflare", true},
	{"Attention Required! | Cloudflare", "Cloudflare", true},
	{"AwsWafIntegration", "AWS WAF", true},
	{"px-captcha", "HUMAN", true},
	{"ddos-guard", "DDoS-Guard", true},
	{"g-recaptcha", "a captcha", true},
	{"h-captcha", "a captcha", true},
	{"cf-turnstile", "a captcha", true},
}

// wallBody is the size up to which a body with a good status may be a challenge: articles are larger.
const wallBody = 32 << 10

// botWall names the vendor of a challenge served in place of what was asked for, "" if it is none.
func botWall(resp *web.Response) string {
	for _, w := range wallHeaders {
		if strings.Contains(strings.ToLower(resp.Header.Get(w.key)), w.contains) {
			return w.name
		}
	}
	refused := resp.Status == 401 || resp.Status == 403 || resp.Status == 429 || resp.Status == 503 || resp.Status == 405
	if len(resp.Body) == 0 || !refused && (resp.Status/100 != 2 || len(resp.Body) > wallBody) {
		return ""
	}
	if refused && resp.Header.Get("X-Datadome") != "" {
		return "DataDome"
	}
	body := resp.Head(4 * wallBody) // a challenge is short
	if !refused && len(body) >= 2*wallBody || !bytes.Contains(body[:min(len(body), 2048)], []byte("<")) {
		return ""
	}
	for _, w := range wallMarks {
		if (refused || !w.refused) && bytes.Contains(body, []byte(w.mark)) {
			return w.name
		}
	}
	return ""
}
