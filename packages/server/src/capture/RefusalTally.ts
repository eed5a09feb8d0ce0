/** Who sent what was refused: a project by its token, a token that is no project's, or nobody knows. */
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
  /** As much of it as tells one client from another. */
  readonly token: string | undefined
  readonly count: number
  readonly lastAt: number
}

/** All refusals, by sender and reason. */
export type Tallies = Map<string, Tally>

/** More would be the memory of a client that makes up tokens: the rest counts as one. A project's own are always told. */
const sendersMax = 1_000

const tokenLengthMax = 12
const detailLengthMax = 200

/**
 * The beginning of a token, and of those alone that are public by their name: somebody may send a secret key
 * by mistake.
 */
export const shownToken = (token: string): string => {
  if (!/^phc_[\w-]*$/.test(token)) return "that does not begin with phc_"
  return token.length > tokenLengthMax ? `${token.slice(0, tokenLengthMax)}…` : token
}

// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** Text of a client, in one line of a log. */
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

/** Reasons that one line of a log names. */
const toldMax = 10

/** What was refused, in one line: the most frequent first. */
export const line = (tallies: Tallies): string => {
  const all = [...tallies.values()].toSorted((a, b) => b.count - a.count)
  const more = all.slice(toldMax).reduce((sum, tally) => sum + tally.count, 0)
  const told = all.slice(0, toldMax).map(sentence)
  return `Refused ${[...told, ...(more > 0 ? [`${more} others`] : [])].join(", ")}.`
}
