import express, { type NextFunction, type Request, type Response } from "express"
import { Onymous, OnymousError } from "onymous"

const onymous = await Onymous.open({
  database: process.env["DATABASE_URL"] ?? "memory",
  // Pages ask at once who somebody is: no event waits for a log-in that may come.
  policy: { buffer_enabled: false },
})

const app = express().use(express.json())

/** A page was seen, by whoever has this cookie. */
app.post("/visits", async ({ body: { visitor, page } }, response) => {
  await onymous.capture({ distinctId: visitor, event: "visited", properties: { page } })
  response.status(204).end()
})

/** From now on, what the cookie's visitor did is the customer's. */
app.post("/log-ins", async ({ body: { visitor, customer, plan } }, response) => {
  await onymous.identify({ distinctId: customer, anonymousId: visitor, set: { plan } })
  response.status(204).end()
})

/** Who is it? By any of the ids, after all that was captured above. */
app.get("/people/:id", async ({ params: { id } }, response) => {
  const person = await onymous.person(id)
  if (person === undefined) response.status(404).end()
  else response.json({ ids: person.distinctIds, properties: person.properties })
})

/** Why are two ids one person? */
app.get("/people/:a/why/:b", async ({ params: { a, b } }, response) => {
  const { isSame, chain } = await onymous.why(a, b)
  response.json({ isSame, events: chain.map(({ from, to, event }) => `${event}: ${from} - ${to}`) })
})

const statusOf = (error: OnymousError): number => {
  if (error.code === "overloaded") return 429
  if (error.isRetryable) return 503
  return error.code === "invalid_input" || error.code === "unknown_point" ? 400 : 500
}

app.use((error: unknown, _: Request, response: Response, next: NextFunction) => {
  if (!(error instanceof OnymousError)) return next(error)
  response.status(statusOf(error)).json({ code: error.code, message: error.message })
})

const port = Number(process.env["PORT"] ?? 3000)
const server = app.listen(port, () => console.log(`listens on http://127.0.0.1:${port}`))

/** First no new requests, then the rest of those under way, then the log. */
const close = () =>
  server.close(() => {
    void onymous.close().then(() => console.log("closed"))
  })
process.once("SIGTERM", close).once("SIGINT", close)
