import { Clock, Context, Duration, Effect, Layer, Semaphore } from "effect"
import { createHash, randomBytes } from "node:crypto"
import type { ProjectId } from "@onymous/identity/event/ProjectId"

/** A session opens one project, for questions or also for acts. */
export interface Session {
  readonly project: ProjectId
  readonly isReadOnly: boolean
}

/** A session ends after this time without a request. */
export const idleMax = Duration.hours(12)

/** The most codes, and the most sessions; beyond, the oldest one is removed. */
const keptMax = 1000

/** The delay of a wrong code; wrong codes are answered one at a time, whoever sends them. */
const wrongCodeDelay = Duration.millis(200)

/** Beyond this many waiting wrong codes, further ones are refused at once. */
const wrongCodesMax = 20

/** The hash of a code or token, stored in its place, so that the time of a look-up reveals nothing. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex")

const prefix = "ons_"

/** A new one-time code, of 128 random bits. */
export const newCode = (): string => randomBytes(16).toString("base64url")

/** Signs in by one-time codes. Codes and sessions end with this process. */
export class Sessions extends Context.Service<
  Sessions,
  {
    /** Makes a one-time code for a session. */
    readonly codeFor: (session: Session) => Effect.Effect<string>
    /** Opens a session by a code, and answers its token; undefined, after a delay, for a wrong code. */
    readonly open: (
      code: string,
    ) => Effect.Effect<(Session & { readonly token: string }) | undefined>
    /** The session of a token; the request prolongs it. */
    readonly of: (token: string) => Effect.Effect<Session | undefined>
  }
>()("@onymous/server/access/Sessions") {}

const keep = <A>(kept: Map<string, A>, secret: string, value: A): void => {
  kept.set(hashOf(secret), value)
  const [oldest] = kept.keys()
  if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
}

/** The code that a server prints at its start, and the session that it opens. */
export interface FirstCode extends Session {
  readonly code: string
}

const make = (first: FirstCode | undefined) =>
  Effect.sync(() => {
    const codes = new Map<string, Session>()
    const sessions = new Map<string, Session & { readonly usedAt: number }>()
    if (first !== undefined) keep(codes, first.code, first)
    const oneByOne = Semaphore.makeUnsafe(1)
    let waiting = 0
    const wrong = Effect.suspend(() => {
      if (waiting >= wrongCodesMax) return Effect.undefined
      waiting += 1
      return Effect.as(oneByOne.withPermits(1)(Effect.sleep(wrongCodeDelay)), undefined).pipe(
        Effect.ensuring(Effect.sync(() => void (waiting -= 1))),
      )
    })
    return Sessions.of({
      codeFor: (session) =>
        Effect.sync(() => {
          const code = newCode()
          keep(codes, code, session)
          return code
        }),
      open: Effect.fnUntraced(function* (code) {
        const found = codes.get(hashOf(code))
        if (found === undefined) return yield* wrong
        codes.delete(hashOf(code))
        const { project, isReadOnly } = found
        const token = `${prefix}${randomBytes(32).toString("base64url")}`
        const usedAt = yield* Clock.currentTimeMillis
        keep(sessions, token, { project, isReadOnly, usedAt })
        return { project, isReadOnly, token }
      }),
      of: Effect.fnUntraced(function* (token) {
        if (!token.startsWith(prefix)) return undefined
        const key = hashOf(token)
        const found = sessions.get(key)
        const now = yield* Clock.currentTimeMillis
        // Moved to the end, so that the first session is the one used longest ago.
        sessions.delete(key)
        if (found === undefined || now - found.usedAt > Duration.toMillis(idleMax)) return undefined
        sessions.set(key, { ...found, usedAt: now })
        return { project: found.project, isReadOnly: found.isReadOnly }
      }),
    })
  })

/** No sessions yet, and one code if it is given. */
export const layer = (first?: FirstCode): Layer.Layer<Sessions> =>
  Layer.effect(Sessions, make(first))
