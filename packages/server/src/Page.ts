/** The page at `/`: what this is, and where to go on. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Onymous</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto; padding: 0 1rem }
  pre { background: #f4f4f4; padding: 1rem; overflow: auto }
</style>
<h1>Onymous</h1>
<p>Whose event is this, and why? This server takes events as PostHog's SDKs send them, and answers
which distinct ids are one person.</p>
<pre>curl /batch/ -H 'content-type: application/json' -d '{
  "api_key": "phc_…",
  "batch": [{ "event": "hello", "distinct_id": "me" }]
}'</pre>
<p><a href="/docs">What may be asked</a> · <a href="/openapi.json">OpenAPI</a> ·
<a href="/health">Health</a></p>
</html>
`
