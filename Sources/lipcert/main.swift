import ArgumentParser

do {
  var command = try Lipcert.parseAsRoot()
  try command.run()
} catch {
  ExitStatus.leave(with: error)
}
