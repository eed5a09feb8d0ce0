#!/usr/bin/env node
console.log("onymous")
