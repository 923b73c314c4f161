import ArgumentParser
import Foundation

// A reader that goes away, such as head, ends the program quietly, whatever the parent process made of the signal.
signal(SIGPIPE, SIG_DFL)
// Files that may grow no further are told of as full disks are.
signal(SIGXFSZ, SIG_IGN)

do {
  try CommandName.require(in: CommandLine.arguments)
  var command = try Lipcert.parseAsRoot()
  try command.run()
} catch {
  ExitStatus.leave(with: error)
}
