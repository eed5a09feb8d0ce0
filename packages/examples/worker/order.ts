import { setTimeout } from "node:timers/promises"
import { PgBoss } from "pg-boss"
import { type Order, queue } from "./orders.ts"

const boss = new PgBoss(process.env["DATABASE_URL"] ?? "")
await boss.start()
const [customer = "", cents = "0"] = process.argv.slice(2)
const order: Order = { customer, cents: Number(cents) }
const id = await boss.send(queue, order)
// A shop would not wait: here, whoever looks next finds the event.
while (id !== null && (await boss.getJobById(queue, id))?.state !== "completed") {
  await setTimeout(100)
}
await boss.stop()
