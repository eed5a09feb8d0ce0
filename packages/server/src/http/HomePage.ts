import * as SecurityHeaders from "./SecurityHeaders.ts"

// A header may hold characters that break a page or a shell.
const plain = (text: string, otherwise: string): string =>
  /^[\w.:[\]-]+$/.test(text) ? text : otherwise

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto; padding: 0 1rem }
  pre { background: #f4f4f4; color: #111; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
`

/** What the page may do: look as its style says. */
export const contentPolicy = SecurityHeaders.policy({
  "style-src": SecurityHeaders.hashOf(style),
})

/**
 * The page at `/`, for the host that a browser asked for: what Onymous is, how to send a first event, and where
 * to read on. It has no token and no key, because it does not know who reads it.
 */
export const page = (host: string): string => {
  const at = plain(host, "localhost:8000")
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Onymous</title>
<style>${style}</style>
<h1>Onymous</h1>
<p>Whose event is this, and why? This server takes events as PostHog's SDKs send them, and answers
which distinct ids are one person.</p>
<p>A first event, with the public token that the server tells when it starts:</p>
<pre>curl http://${at}/batch/ \\
  -H 'content-type: application/json' -d '{
  "api_key": "phc_…",
  "batch": [{ "event": "$identify", "distinct_id": "me",
    "properties": { "$anon_distinct_id": "my-browser" } }]
}'</pre>
<p>Whose it is, with the secret key that the server told when it was first started; <code>onymous keys</code>
makes others:</p>
<pre>curl 'http://${at}/api/projects/1/persons?distinct_id=my-browser&amp;min_position=1' \\
  -H 'authorization: Bearer onk_…'</pre>
<p>On a page:</p>
<pre>&lt;script src="http://${at}/static/loader-bootstrap.js" data-asset-host="http://${at}"&gt;&lt;/script&gt;
&lt;script&gt;posthog.init("phc_…", { api_host: "http://${at}" })&lt;/script&gt;</pre>
<p><a href="/docs">What may be asked</a> · <a href="/openapi.json">OpenAPI</a> ·
<a href="/health">Health</a></p>
</html>
`
}
