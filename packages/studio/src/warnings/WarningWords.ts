const titles: Readonly<Record<string, string>> = {
  cannot_merge_already_identified: "Already identified",
  cannot_merge_with_illegal_distinct_id: "Illegal id",
  skipping_event_invalid_uuid: "Invalid uuid",
  ignored_invalid_timestamp: "Invalid time",
  event_timestamp_in_future: "Time in the future",
  invalid_process_person_profile: "Invalid $process_person_profile",
  invalid_event_when_process_person_profile_is_false: "About persons, but asks for none",
  event_dropped_person_processing_disabled: "The project processes no persons",
  person_properties_size_violation: "Properties too large",
}

/** The title of a type of warnings. */
export const titleOf = (type: string): string => {
  const words = type.replaceAll("_", " ")
  return titles[type] ?? words.charAt(0).toUpperCase() + words.slice(1)
}
