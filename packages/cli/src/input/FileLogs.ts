import { Effect, Option, Result, Stream } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import type { Json } from "@onymous/identity/encoding/Json"
import { FileLog } from "@onymous/timetravel/replay/FileLog"
import { CouldNot, WrongUse } from "../CommandError.ts"
import { BadLines } from "./BadLines.ts"
import { lines } from "./FileLines.ts"

/** The logs of a file's projects. */
const logsOf = Effect.fnUntraced(function* (file: string, isStrict: boolean) {
  const log = new FileLog()
  const bad = new BadLines(file, isStrict)
  yield* Stream.runForEach(lines(file), (line) => {
    const added = log.add(line)
    return Result.isSuccess(added) ? Effect.void : bad.tell(added.failure)
  })
  yield* bad.end
  return log.logs()
})

/** How a file is read, and the project in question. */
export interface Reading {
  readonly strict: boolean
  readonly project: Option.Option<string>
}

/** The project in question with its log; in a file with one project it need not be named. */
export const projectOf = Effect.fnUntraced(function* (file: string, { strict, project }: Reading) {
  const logs = yield* logsOf(file, strict)
  const wanted = Option.getOrUndefined(project)
  const [found] = wanted === undefined ? logs : logs.filter(([id]) => id === wanted)
  if (found === undefined || (wanted === undefined && logs.length > 1)) {
    const names = logs.map(([id]: readonly [ProjectId, unknown]) => id).join(", ") || "none"
    return yield* new WrongUse({ message: `--project: expected one of the file's: ${names}` })
  }
  return found
})

/** The JSON values of a file's lines. */
export const valuesOf = Effect.fnUntraced(function* (file: string) {
  const values: Array<Json> = []
  let number = 0
  yield* Stream.runForEach(lines(file), (line) => {
    number += 1
    if (line.trim() === "") return Effect.void
    return Effect.try({
      try: () => void values.push(ExactJson.parse(line)),
      catch: () => new CouldNot({ message: `${file}: line ${number}: expected JSON` }),
    })
  })
  return values
})
