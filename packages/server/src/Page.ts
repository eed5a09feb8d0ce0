/** What the page tells of this server; both are public. */
export interface Shown {
  /** The host that the browser asked for. */
  readonly host: string
  readonly token: string | undefined
}

// What else a header or an operator may bring has no place in a page or a shell.
const plain = (text: string | undefined, pattern: RegExp, otherwise: string): string =>
  text !== undefined && pattern.test(text) ? text : otherwise

/** The page at `/`: what this is, how to send a first event, and where to go on. */
export const page = ({ host, token }: Shown): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Onymous</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto; padding: 0 1rem }
  pre { background: #f4f4f4; color: #111; padding: 1rem; overflow: auto }
</style>
<h1>Onymous</h1>
<p>Whose event is this, and why? This server takes events as PostHog's SDKs send them, and answers
which distinct ids are one person.</p>
<p>A first event:</p>
<pre>curl http://${plain(host, /^[\w.:[\]-]+$/, "localhost:8000")}/batch/ -H 'content-type: application/json' -d '{
  "api_key": "${plain(token, /^[\w-]+$/, "phc_…")}",
  "batch": [{ "event": "$identify", "distinct_id": "me",
    "properties": { "$anon_distinct_id": "my-browser" } }]
}'</pre>
<p><a href="/docs">What may be asked</a> · <a href="/openapi.json">OpenAPI</a> ·
<a href="/health">Health</a></p>
</html>
`
