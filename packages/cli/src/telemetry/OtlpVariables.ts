/** The set variables of the environment. */
export type Environment = Readonly<Record<string, string>>

/** The variables of OpenTelemetry; an empty one counts as not set. */
export const of = (environment: Readonly<Record<string, string | undefined>>): Environment =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, text]) =>
      name.startsWith("OTEL_") && text !== undefined && text.trim() !== "" ? [[name, text]] : [],
    ),
  )

const endpoints = /^OTEL_EXPORTER_OTLP_(?:(?:TRACES|METRICS|LOGS)_)?ENDPOINT$/

/** True where a variable names a collector, and none turns the export off. */
export const isOn = (variables: Environment): boolean =>
  Object.keys(variables).some((name) => endpoints.test(name)) &&
  variables["OTEL_SDK_DISABLED"]?.toLowerCase() !== "true"
