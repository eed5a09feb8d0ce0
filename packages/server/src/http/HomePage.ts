/** The values on the home page; both are public. */
export interface PageValues {
  /** The host that the browser asked for. */
  readonly host: string
  readonly token: string | undefined
}

// A header or an operator's setting may hold characters that break a page or a shell.
const plain = (text: string | undefined, pattern: RegExp, otherwise: string): string =>
  text !== undefined && pattern.test(text) ? text : otherwise

/** The page at `/`: what Onymous is, how to send a first event, and where to read on. */
export const page = ({ host, token }: PageValues): string => {
  const at = plain(host, /^[\w.:[\]-]+$/, "localhost:8000")
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Onymous</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto; padding: 0 1rem }
  pre { background: #f4f4f4; color: #111; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
</style>
<h1>Onymous</h1>
<p>Whose event is this, and why? This server takes events as PostHog's SDKs send them, and answers
which distinct ids are one person.</p>
<p>A first event:</p>
<pre>curl http://${at}/batch/ \\
  -H 'content-type: application/json' -d '{
  "api_key": "${plain(token, /^[\w-]+$/, "phc_…")}",
  "batch": [{ "event": "$identify", "distinct_id": "me",
    "properties": { "$anon_distinct_id": "my-browser" } }]
}'</pre>
<p>Whose it is, with the secret key that the server told when it was first started:</p>
<pre>curl 'http://${at}/api/projects/1/persons?distinct_id=my-browser&amp;min_position=1' \\
  -H 'authorization: Bearer onk_…'</pre>
<p><a href="/docs">What may be asked</a> · <a href="/openapi.json">OpenAPI</a> ·
<a href="/health">Health</a></p>
</html>
`
}
