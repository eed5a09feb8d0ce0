import type { PostHog } from "posthog-node"
import { expect, it } from "vitest"
import { Onymous } from "onymous"

/** The methods of posthog-node that a capturing backend calls. */
type Calls = Pick<
  PostHog,
  | "capture"
  | "captureImmediate"
  | "identify"
  | "identifyImmediate"
  | "alias"
  | "aliasImmediate"
  | "groupIdentify"
  | "groupIdentifyImmediate"
  | "flush"
>

/** A backend that was written for posthog-node. */
const backend = async (posthog: Calls) => {
  posthog.capture({ distinctId: "phone", event: "visited", groups: { company: "acme" } })
  posthog.identify({ distinctId: "ann", properties: { $anon_distinct_id: "phone", plan: "pro" } })
  posthog.alias({ distinctId: "ann", alias: "ann@work" })
  posthog.groupIdentify({ groupType: "company", groupKey: "acme", properties: { seats: 3 } })
  posthog.capture({ event: "nobody's" })
  await posthog.flush()
}

it("a backend for posthog-node keeps its calls, and its persons", async () => {
  const policy = { buffer_enabled: false }
  await using onymous = await Onymous.open({ database: "memory", policy })
  const posthog = onymous.posthog()
  await backend(posthog)
  expect(await onymous.person("phone")).toMatchObject({
    distinctIds: ["ann", "ann@work", "phone"],
    isIdentified: true,
  })
  const { results } = await onymous.events()
  expect(results.find(({ event }) => event === "nobody's")?.properties).toMatchObject({
    $process_person_profile: false,
  })
  expect(results.find(({ event }) => event === "visited")?.properties).toMatchObject({
    $groups: { company: "acme" },
    $geoip_disable: true,
  })
  await posthog.shutdown()
  expect(await onymous.person("ann")).toBeDefined()
})
