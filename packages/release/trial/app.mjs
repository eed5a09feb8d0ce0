import { Onymous } from "onymous"

const [database = "", schema = "onymous"] = process.argv.slice(2)
const onymous = await Onymous.open({ database, schema, policy: { buffer_enabled: false } })
await onymous.capture({ distinctId: "device", event: "visited" })
await onymous.identify({ distinctId: "ann", anonymousId: "device" })
const person = await onymous.person("device")
await onymous.close()
console.log(`${person?.distinctIds.join(" ")} on Node ${process.versions.node.split(".")[0]}`)
