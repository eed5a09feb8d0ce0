/** The names of a server, as browsers may use them. */
export interface HostNames {
  /** True for a Host header that names this server. */
  readonly isOwn: (host: string | undefined) => boolean
  /** True for the Origin header of a page of this server, or of an allowed host. */
  readonly isOwnPage: (origin: string, host: string | undefined) => boolean
}

/** True for a pattern of names: one host, all hosts below a name that begins with a dot, or `*` for any. */
export const isPattern = (text: string): boolean =>
  /^(?:\*|\.?[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])$/i.test(text)

/** The host of a Host header without its port, in lower case. */
const nameOf = (host: string): string | undefined =>
  /^(\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)*)\.?(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase()

/** True for a name that always means the client's own machine, whatever a name server answers. */
export const isLoopback = (name: string): boolean =>
  /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/.test(
    name,
  )

const matches = (name: string, pattern: string): boolean =>
  pattern === "*" || (pattern.startsWith(".") ? `.${name}`.endsWith(pattern) : name === pattern)

/** The names of a server: those of its machine, and the allowed ones. */
export const of = (allowed: ReadonlyArray<string>): HostNames => {
  const patterns = allowed.map((pattern) => pattern.toLowerCase())
  const isAllowed = (name: string) => patterns.some((pattern) => matches(name, pattern))
  const isOwn = (host: string | undefined): boolean => {
    const name = nameOf(host ?? "")
    return name !== undefined && (isLoopback(name) || isAllowed(name))
  }
  return {
    isOwn,
    isOwnPage: (origin, host) => {
      const page = /^https?:\/\/(.+)$/i.exec(origin)?.[1]?.toLowerCase()
      if (page === undefined) return false
      // The port counts, because another port of this machine may be another program's.
      return page === host?.toLowerCase() || isAllowed(nameOf(page) ?? "")
    },
  }
}
