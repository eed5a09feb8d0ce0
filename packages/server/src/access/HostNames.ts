/** Which names of this server a browser may have asked for. */
export interface HostNames {
  /** True for a Host header that names this server. */
  readonly isOwn: (host: string | undefined) => boolean
  /** True for the Origin header of a page that this server, or an allowed host, has sent. */
  readonly isOwnPage: (origin: string, host: string | undefined) => boolean
}

/** A name as it may be allowed: of one host, of all below one that begins with a dot, or of any. */
export const isPattern = (text: string): boolean =>
  /^(?:\*|\.?[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])$/i.test(text)

/** The host of a Host header without its port, in the form in which names are compared. */
const nameOf = (host: string): string | undefined =>
  /^(\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)*)\.?(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase()

/** True for a name that leads to the machine that asks, whatever a name server says. */
export const isLoopback = (name: string): boolean =>
  /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/.test(
    name,
  )

const matches = (name: string, pattern: string): boolean =>
  pattern === "*" || (pattern.startsWith(".") ? `.${name}`.endsWith(pattern) : name === pattern)

/** The names of a server that only its own machine reaches, or that says which names it has. */
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
      // Another port is another page: some program of this machine that is none of ours.
      return page === host?.toLowerCase() || isAllowed(nameOf(page) ?? "")
    },
  }
}
