import { OperationRefused } from "@onymous/log/OperationRefused"

/** The library's names of the fields of acts. */
export const names = {
  distinct_id: "distinctId",
  main_distinct_id: "mainDistinctId",
  distinct_ids_to_split: "only",
  alias: "source",
  properties: "set",
  $unset: "unset",
  event_uuid: "eventUuid",
}

/** A refusal of an act, with the field's name in the library. */
export const of = ({ field, expected }: OperationRefused): OperationRefused =>
  new OperationRefused({
    field: Object.entries(names).find(([name]) => name === field)?.[1] ?? field,
    expected,
  })
