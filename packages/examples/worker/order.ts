import { PgBoss } from "pg-boss"
import { type Order, queue } from "./orders.ts"

const boss = new PgBoss(process.env["DATABASE_URL"] ?? "")
await boss.start()
const [customer = "", cents = "0"] = process.argv.slice(2)
const order: Order = { customer, cents: Number(cents) }
await boss.send(queue, order)
await boss.stop()
