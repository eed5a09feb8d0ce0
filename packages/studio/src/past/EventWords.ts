import { type Event, isAct } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"

/** The name of an event: as its client gave it, or of what an operator did. */
export const eventName = (event: Event): string => {
  switch (event._tag) {
    case "Captured":
      return event.name
    case "PolicyChanged":
      return "policy changed"
    case "Ticked":
      return "time passed"
    default:
      return `${OperatorCommand.encode(event)["api"]}`
  }
}

/** Who sent an event: a web page, a back end, or an operator. */
export const senderOf = (event: Event): string => {
  if (isAct(event)) return "operator"
  if (event._tag !== "Captured") return "clock"
  const { lib } = event.facts
  if (lib === undefined) return "client"
  if (lib === "web" || lib === "js") return "web page"
  return /ios|android|react-native|flutter/.test(lib) ? "app" : "back end"
}

/** The library that sent an event, or who did what it says. */
export const byWhom = (event: Event): string | undefined => {
  if (event._tag === "Captured") return event.facts.lib
  return "by" in event && event.by !== undefined ? `by ${event.by}` : undefined
}
