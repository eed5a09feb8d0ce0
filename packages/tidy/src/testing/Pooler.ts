import { Effect, type Scope } from "effect"
import { connect, createServer, type Server, type Socket } from "node:net"

/** What a pooler does with settings in the start of a client, of which it knows few. */
export type Manner = "refuses" | "ignores"

const known = new Set(["user", "database", "application_name", "client_encoding"])

/** What asks for TLS, or for a statement to be cancelled, in place of a start. */
const requestCodes = new Set([80_877_103, 80_877_102])

/** The session that a transaction gets is always another one than the one before had. */
const sessionCount = 3

const text = (value: string): Buffer => Buffer.from(`${value}\0`)

const message = (type: string, ...parts: ReadonlyArray<Buffer>): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const refusal = (name: string): Buffer =>
  message(
    "E",
    ...["SFATAL", "VFATAL", "C08P01", `Munsupported startup parameter: ${name}`].map(text),
    Buffer.alloc(1),
  )

/** Cuts off the messages that have come whole; `head` is 1 where each begins with its type. */
const cut = (bytes: Buffer, head: 0 | 1) => {
  const whole: Array<Buffer> = []
  let at = 0
  while (bytes.length - at >= head + 4) {
    const length = head + bytes.readInt32BE(at + head)
    if (bytes.length - at < length) break
    whole.push(bytes.subarray(at, at + length))
    at += length
  }
  return { whole, rest: bytes.subarray(at) }
}

/** A session of the server, which belongs to one client for the time of a transaction. */
class Session {
  readonly socket: Socket
  client: Client | undefined
  isReady = false
  #rest: Buffer = Buffer.alloc(0)
  /** What the server says of itself at the start, for each client. */
  readonly greeting: Array<Buffer> = []

  constructor(pooler: Pooler, start: Buffer) {
    this.socket = connect(pooler.port, pooler.host)
    this.socket.setNoDelay()
    this.socket.write(start)
    this.socket.on("error", () => this.socket.destroy())
    this.socket.on("data", (chunk) => {
      const { whole, rest } = cut(Buffer.concat([this.#rest, chunk]), 1)
      this.#rest = rest
      for (const each of whole) this.#take(pooler, each)
    })
  }

  #take(pooler: Pooler, bytes: Buffer): void {
    const type = String.fromCharCode(bytes[0] ?? 0)
    if (!this.isReady) this.greeting.push(bytes)
    else this.client?.socket.write(bytes)
    if (type !== "Z" || String.fromCharCode(bytes[5] ?? 0) !== "I") return
    this.isReady = true
    if (this.client !== undefined) this.client.session = undefined
    this.client = undefined
    pooler.serve()
  }
}

/** A client, and what it has sent that no session has yet. */
class Client {
  readonly socket: Socket
  session: Session | undefined
  isStarted = false
  readonly waiting: Array<Buffer> = []

  constructor(socket: Socket) {
    this.socket = socket
  }
}

/** Stands before a Postgres server as PgBouncer does that gives sessions for one transaction. */
class Pooler {
  readonly host: string
  readonly port: number
  readonly #manner: Manner
  readonly #sessions: Array<Session> = []
  readonly #clients = new Set<Client>()
  #next = 0

  constructor(url: string, manner: Manner) {
    const { hostname, port } = new URL(url)
    this.host = hostname
    this.port = Number(port)
    this.#manner = manner
  }

  accept(socket: Socket): void {
    socket.setNoDelay()
    const client = new Client(socket)
    this.#clients.add(client)
    let rest: Buffer = Buffer.alloc(0)
    socket.on("error", () => socket.destroy())
    socket.on("close", () => {
      this.#clients.delete(client)
      client.session?.socket.destroy()
    })
    socket.on("data", (chunk) => {
      const found = cut(Buffer.concat([rest, chunk]), client.isStarted ? 1 : 0)
      rest = found.rest
      for (const bytes of found.whole) {
        if (client.isStarted) this.#forward(client, bytes)
        else this.#start(client, bytes)
      }
    })
  }

  /** Gives sessions that are free to clients that wait, each time the next one. */
  serve(): void {
    for (const client of this.#clients) {
      if (client.waiting.length === 0) continue
      client.session ??= this.#free()
      if (client.session === undefined) return
      client.session.client = client
      for (const bytes of client.waiting.splice(0)) client.session.socket.write(bytes)
    }
  }

  close(): void {
    for (const { socket } of [...this.#clients, ...this.#sessions]) socket.destroy()
  }

  #free(): Session | undefined {
    for (let tried = 0; tried < sessionCount; tried++) {
      const session = this.#sessions[this.#next++ % sessionCount]
      if (session?.isReady === true && session.client === undefined) return session
    }
    return undefined
  }

  #forward(client: Client, bytes: Buffer): void {
    if (bytes[0] === "X".charCodeAt(0)) return void client.socket.end()
    client.waiting.push(bytes)
    this.serve()
  }

  #start(client: Client, bytes: Buffer): void {
    if (requestCodes.has(bytes.readInt32BE(4))) return void client.socket.write("N")
    const words = bytes.subarray(8, -2).toString().split("\0")
    const settings = words.flatMap((name, at) =>
      at % 2 === 0 ? [[name, words[at + 1] ?? ""] as const] : [],
    )
    const unknown = settings.find(([name]) => !known.has(name))
    if (unknown !== undefined && this.#manner === "refuses") {
      return void client.socket.end(refusal(unknown[0]))
    }
    client.isStarted = true
    const kept = settings.filter(([name]) => known.has(name)).flat()
    void this.#greet(client, Buffer.concat([...kept.map(text), Buffer.alloc(1)]))
  }

  /** Says what the server said, with a number of the pooler's own for the session. */
  async #greet(client: Client, parameters: Buffer): Promise<void> {
    const start = Buffer.concat([Buffer.alloc(8), parameters])
    start.writeInt32BE(start.length, 0)
    start.writeInt32BE(196_608, 4)
    while (this.#sessions.length < sessionCount) this.#sessions.push(new Session(this, start))
    const [first] = this.#sessions
    while (first?.isReady !== true) await new Promise((done) => setImmediate(done))
    for (const bytes of first.greeting) {
      const own = Buffer.from(bytes)
      if (own[0] === "K".charCodeAt(0)) own.writeInt32BE(7, 5)
      client.socket.write(own)
    }
  }
}

const listening = (server: Server): Promise<number> =>
  new Promise((done) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      done(typeof address === "object" && address !== null ? address.port : 0)
    })
  })

/** A pooler before the server at `url`, until the scope closes: gives the URL of the same database through it. */
export const before = (url: string, manner: Manner): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const pooler = new Pooler(url, manner)
      const server = createServer((socket) => pooler.accept(socket))
      return { pooler, server, port: await listening(server) }
    }),
    ({ pooler, server }) =>
      Effect.sync(() => {
        pooler.close()
        server.close()
      }),
  ).pipe(
    Effect.map(
      ({ port }) => Object.assign(new URL(url), { hostname: "127.0.0.1", port: `${port}` }).href,
    ),
  )
