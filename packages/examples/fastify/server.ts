import Fastify, { type FastifyInstance } from "fastify"
import { Onymous, OnymousError } from "onymous"

/** Onymous for the handlers of an application: opened before the first request, closed after the last. */
const openOnymous = async (app: FastifyInstance): Promise<Onymous> => {
  const onymous = await Onymous.open({
    database: process.env["DATABASE_URL"] ?? "memory",
    // Pages ask at once who somebody is: no event waits for a log-in that may come.
    policy: { buffer_enabled: false },
  })
  app.addHook("onClose", async () => {
    await onymous.close()
    console.log("closed")
  })
  return onymous
}

interface Visit {
  readonly visitor: string
  readonly page: string
}

interface LogIn {
  readonly visitor: string
  readonly customer: string
}

const text = { type: "string", minLength: 1 } as const
const bodyOf = (...fields: ReadonlyArray<string>) => ({
  body: {
    type: "object",
    required: fields,
    properties: Object.fromEntries(fields.map((field) => [field, text])),
  },
})

const app = Fastify()
const onymous = await openOnymous(app)

/** A page was seen, by whoever has this cookie. */
app.post<{ Body: Visit }>(
  "/visits",
  { schema: bodyOf("visitor", "page") },
  async (request, reply) => {
    const { visitor, page } = request.body
    await onymous.capture({ distinctId: visitor, event: "visited", properties: { page } })
    return reply.code(204).send()
  },
)

/** From now on, what the cookie's visitor did is the customer's. */
app.post<{ Body: LogIn }>(
  "/log-ins",
  { schema: bodyOf("visitor", "customer") },
  async (request, reply) => {
    const { visitor, customer } = request.body
    await onymous.identify({ distinctId: customer, anonymousId: visitor })
    return reply.code(204).send()
  },
)

/** Who is it? By any of the ids, after all that was captured above. */
app.get<{ Params: { id: string } }>("/people/:id", async ({ params }, reply) => {
  const person = await onymous.person(params.id)
  return person === undefined ? reply.code(404).send() : { ids: person.distinctIds }
})

app.setErrorHandler((error, _, reply) => {
  if (!(error instanceof OnymousError)) return reply.send(error)
  return reply
    .code(error.isRetryable ? 503 : 400)
    .send({ code: error.code, message: error.message })
})

const port = Number(process.env["PORT"] ?? 3000)
await app.listen({ port })
console.log(`listens on http://127.0.0.1:${port}`)

const close = () => void app.close()
process.once("SIGTERM", close).once("SIGINT", close)
