import { Api } from "@onymous/api/Api"
import * as Identity from "@onymous/identity/Identity"
import * as Replay from "@onymous/timetravel/replay/Replay"
import { InvalidInput, Onymous, OnymousError, layer, type Person, type WhyAnswer } from "onymous"
import { type History, Why } from "onymous/history"

export const rules = [Api, Identity.empty, Replay, Why, layer, InvalidInput]

export const ask = async (id: string): Promise<ReadonlyArray<string>> => {
  const onymous: Onymous = await Onymous.open({ database: "memory" })
  const person: Person | undefined = await onymous.person(id)
  const why: WhyAnswer = await onymous.why(id, "b")
  const history: History = await onymous.history()
  try {
    // @ts-expect-error: an id is a text
    await onymous.capture({ distinctId: 1, event: "x" })
  } catch (error) {
    if (error instanceof OnymousError) return [error.code]
  }
  return [...(person?.distinctIds ?? []), String(why.isSame), String(history)]
}
