/** True for the address of a Postgres server: `postgres://…`. */
export const isServer = (location: string): boolean => /^postgres(ql)?:\/\//.test(location)

/** A server's address without user and password. */
export const addressOf = (url: string): string => {
  if (!URL.canParse(url)) return "the address given"
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
