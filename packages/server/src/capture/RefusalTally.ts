/** The sender of a refused request: a project, a token that no project has, or neither if the request had no token. */
export interface Sender {
  readonly project?: string
  readonly token?: string
}

/** Why a request was refused. */
export interface Reason {
  readonly status: number
  readonly code: string
  readonly detail: string
}

/** Refusals of one sender for one reason. */
export interface Tally extends Reason {
  readonly project: string | undefined
  /** The beginning of an unknown token, enough to tell clients apart. */
  readonly token: string | undefined
  readonly count: number
  readonly lastAt: number
}

/** All refusals, by sender and reason. */
export type Tallies = Map<string, Tally>

/**
 * The most senders that are counted apart, because a client may invent tokens; the others count as one. Projects
 * always count apart.
 */
const sendersMax = 1_000

const tokenLengthMax = 12
const detailLengthMax = 200

/** The beginning of a token that is public by its prefix; other tokens are not shown, because they may be secret keys. */
export const shownToken = (token: string): string => {
  if (!/^phc_[\w-]*$/.test(token)) return "that does not begin with phc_"
  return token.length > tokenLengthMax ? `${token.slice(0, tokenLengthMax)}…` : token
}

// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** A client's text, without line breaks and control characters. */
const plain = (text: string): string =>
  text.replaceAll(unprintable, "\uFFFD").slice(0, detailLengthMax)

/** Counts a refusal. */
export const count = (
  tallies: Tallies,
  { project, token }: Sender,
  reason: Reason,
  now: number,
) => {
  const shown = project === undefined && token !== undefined ? shownToken(token) : undefined
  const own = JSON.stringify([project, shown, reason.status, reason.code])
  const isNew = project === undefined && !tallies.has(own) && tallies.size >= sendersMax
  const key = isNew ? JSON.stringify(["others", reason.status, reason.code]) : own
  const before = tallies.get(key)
  tallies.set(key, {
    project,
    token: isNew ? undefined : shown,
    status: reason.status,
    code: reason.code,
    detail: plain(reason.detail),
    count: (before?.count ?? 0) + 1,
    lastAt: now,
  })
}

const sentence = ({ project, token, status, code, count, detail }: Tally): string => {
  const sender =
    project !== undefined
      ? ` of project ${project}`
      : token === undefined
        ? ""
        : ` with a token ${token}`
  return `${count} request${count === 1 ? "" : "s"}${sender} (${status} ${code}: ${plain(detail)})`
}

/** The most reasons in one log line. */
const reasonsMax = 10

/** The refusals in one log line, the most frequent first. */
export const line = (tallies: Tallies): string => {
  const all = [...tallies.values()].toSorted((a, b) => b.count - a.count)
  const more = all.slice(reasonsMax).reduce((sum, tally) => sum + tally.count, 0)
  const named = all.slice(0, reasonsMax).map(sentence)
  return `Refused ${[...named, ...(more > 0 ? [`${more} others`] : [])].join(", ")}.`
}
