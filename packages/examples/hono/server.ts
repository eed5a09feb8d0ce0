import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { getCookie, setCookie } from "hono/cookie"
import { Onymous, OnymousError } from "onymous"

const onymous = await Onymous.open({
  database: process.env["DATABASE_URL"] ?? "memory",
  // Pages ask at once who somebody is: no event waits for a log-in that may come.
  policy: { buffer_enabled: false },
})

const app = new Hono<{ Variables: { visitor: string } }>()

/** Every visitor has a cookie, from the first page on. */
app.use(async (context, next) => {
  const visitor = getCookie(context, "visitor") ?? crypto.randomUUID()
  setCookie(context, "visitor", visitor, { httpOnly: true, sameSite: "Lax" })
  context.set("visitor", visitor)
  await next()
})

app.get("/", async (context) => {
  const distinctId = context.get("visitor")
  await onymous.capture({ distinctId, event: "visited", properties: { page: context.req.path } })
  return context.text("welcome\n")
})

/** From now on, what the visitor did is the customer's. */
app.post("/log-in/:customer", async (context) => {
  const { customer } = context.req.param()
  await onymous.identify({ distinctId: customer, anonymousId: context.get("visitor") })
  return context.text(`hello ${customer}\n`)
})

/** Who is it? What the visitor is called, and whether a log-in has said so. */
app.get("/me", async (context) => {
  const person = await onymous.person(context.get("visitor"))
  if (person === undefined) return context.notFound()
  const named = person.distinctIds.filter((id) => id !== context.get("visitor"))
  return context.json({ known: person.isIdentified, named })
})

app.onError((error, context) => {
  if (!(error instanceof OnymousError)) throw error
  return context.json({ code: error.code, message: error.message }, error.isRetryable ? 503 : 400)
})

const port = Number(process.env["PORT"] ?? 3000)
const server = serve({ fetch: app.fetch, port }, () => {
  console.log(`listens on http://127.0.0.1:${port}`)
})

/** First no new requests, then the rest of those under way, then the log. */
const close = () =>
  server.close(() => {
    void onymous.close().then(() => console.log("closed"))
  })
process.once("SIGTERM", close).once("SIGINT", close)
