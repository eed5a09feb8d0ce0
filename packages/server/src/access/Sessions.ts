import { Clock, Context, Duration, Effect, Layer, Semaphore } from "effect"
import { createHash, randomBytes } from "node:crypto"
import type { ProjectId } from "@onymous/identity/event/ProjectId"

/** Who has signed in: one project is open to them, to look at or also to act on. */
export interface Session {
  readonly project: ProjectId
  readonly isReadOnly: boolean
}

/** A session ends when nothing was asked in it for so long. */
export const idleMax = Duration.hours(12)

/** The oldest code or session goes where there would be more. */
const keptMax = 1000

/** How long a wrong code takes: one at a time is answered, whoever sends how many. */
const wrongCodeDelay = Duration.millis(200)

/** More wrong codes than this do not even wait. */
const wrongCodesMax = 20

/** Kept in place of what it is of: to look one up tells nothing of the others. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex")

const prefix = "ons_"

/** A new one-time code, of 128 random bits. */
export const newCode = (): string => randomBytes(16).toString("base64url")

/** Signs in with a code that works once. All of it ends with this process. */
export class Sessions extends Context.Service<
  Sessions,
  {
    /** A code that opens a session, once. */
    readonly codeFor: (session: Session) => Effect.Effect<string>
    /** The token of a new session; undefined for a wrong code, which takes a while. */
    readonly open: (
      code: string,
    ) => Effect.Effect<(Session & { readonly token: string }) | undefined>
    /** The session of a token, which goes on with that. */
    readonly of: (token: string) => Effect.Effect<Session | undefined>
  }
>()("@onymous/server/access/Sessions") {}

const keep = <A>(kept: Map<string, A>, secret: string, value: A): void => {
  kept.set(hashOf(secret), value)
  const [oldest] = kept.keys()
  if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
}

/** The code that a server tells when it starts, and what it opens. */
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
        // Moved to the end: the one that was used longest ago goes first.
        sessions.delete(key)
        if (found === undefined || now - found.usedAt > Duration.toMillis(idleMax)) return undefined
        sessions.set(key, { ...found, usedAt: now })
        return { project: found.project, isReadOnly: found.isReadOnly }
      }),
    })
  })

/** Nobody has signed in yet; one code works where there is one. */
export const layer = (first?: FirstCode): Layer.Layer<Sessions> =>
  Layer.effect(Sessions, make(first))
