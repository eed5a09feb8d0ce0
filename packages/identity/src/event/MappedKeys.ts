import * as Json from "../encoding/Json.ts"

export const campaign2022 = [
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_content",
  "utm_name",
  "utm_term",
  "gclid",
  "fbclid",
]

export const initial2022 = [
  ...campaign2022,
  "$browser",
  "$browser_version",
  "$device_type",
  "$current_url",
  "$pathname",
  "$os",
  "$referring_domain",
  "$referrer",
]

export const today =
  `$app_build $app_name $app_namespace $app_version $browser $browser_version $device_type
  $current_url $pathname $os $os_name $os_version $referring_domain $referrer $screen_height
  $screen_width $viewport_height $viewport_width $raw_user_agent utm_source utm_medium
  utm_campaign utm_content utm_name utm_term gclid gad_source gclsrc dclid gbraid wbraid fbclid
  msclkid twclid li_fat_id mc_cid igshid ttclid rdt_cid irclid _kx epik qclid sccid`.split(/\s+/)

/** The index of each mapped key: where two keys set the same property, the later one wins. */
const order = new Map([...new Set([...initial2022, ...today])].map((key, index) => [key, index]))

/**
 * The event properties that any policy maps to the person: a replay under another policy finds them
 * all.
 */
export const pick = (properties: Json.JsonObject): Json.JsonObject | undefined => {
  const keys = Object.keys(properties).filter((key) => order.has(key))
  if (keys.length === 0) return undefined
  const picked = Json.emptyObject()
  for (const key of keys.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))) {
    picked[key] = properties[key] ?? null
  }
  return picked
}
