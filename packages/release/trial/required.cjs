const { Onymous, OnymousError } = require("onymous")

Onymous.open({ database: "mysql://nowhere" }).catch((error) => {
  console.log(error instanceof OnymousError, error.code)
})
