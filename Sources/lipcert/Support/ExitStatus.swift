import ArgumentParser
import Certificates
import CommandLineSupport
import Compression
import FileSupport
import Foundation
import LinearProgramming
import NetworkFormats
import Networks
import Reports
import Robustness
import Studies
import Training

/// How the program ends: the one place where errors become exit codes.
enum ExitStatus: Int32 {
  /// What was asked for was done.
  case success = 0
  /// The verdict is negative: not proved, or not the same.
  case negative = 1
  /// The command line or an input file is wrong.
  case usage = 2
  /// The program failed, contradicted itself or met a limit of the machine.
  case failure = 3

  /// The code to throw once everything has been printed.
  var code: ExitCode { ExitCode(rawValue) }

  /// The status an error stands for.
  init(of error: any Error) {
    switch error {
    case let error as CommandError: self = error.status
    case let error as StepError: self = Self(of: error.reason)
    case let error as StudyError: self = error.isContradiction ? .failure : .usage
    case let error as FormatError: self = error.kind == .unwritable ? .failure : .usage
    case is NetworkError, is CertificateError, is VNNLIBError, is VerificationError, is RobustnessError,
      is RadiusLogError, is CompressionError:
      self = .usage
    case let error as TrainingError: self = Self(of: error)
    case is NotProved: self = .negative
    case let error as LinearProgramError: self = Self(of: error)
    default: self = .failure
    }
  }

  /// The status of an error about a linear program: the solver's own failures are not the file's fault.
  private init(of error: LinearProgramError) {
    switch error {
    case .solverAborted, .environmentInUse, .outOfResources: self = .failure
    default: self = .usage
    }
  }

  /// The status of an error about training: models, recipes and data are files, the course of a run is not.
  private init(of error: TrainingError) {
    switch error {
    case .diverged: self = .failure
    default: self = .usage
    }
  }

  /// Prints what is to be said about an error and ends the process.
  static func leave(with error: any Error) -> Never {
    Console.shared.eraseProgress()
    if let code = error as? ExitCode { exit(code.rawValue) }
    switch error {
    case is CommandError, is FormatError, is NetworkError, is CertificateError, is NotProved, is FileWriteError, is ReportError,
      is LinearProgramError, is StudyError, is StepError, is VNNLIBError, is VerificationError, is RobustnessError, is RadiusLogError,
      is Contradiction,
      is TrainingError, is CompressionError:
      say("\(error)")
      exit(ExitStatus(of: error).rawValue)
    default: break
    }
    // Help, the version and completion scripts come as errors, too, and so do mistakes in the command line.
    let message = Lipcert.fullMessage(for: error)
    switch Lipcert.exitCode(for: error) {
    case .success:
      do { try StandardOutput.write(message.hasSuffix("\n") ? message : message + "\n") } catch { leave(with: error) }
      exit(success.rawValue)
    case .validationFailure:
      // What follows the first line says how the command is used.
      let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
      say(String(lines[0].trimmingPrefix("Error: ")))
      for line in lines.dropFirst() { Console.shared.say(String(line)) }
      exit(usage.rawValue)
    default:
      say(message.isEmpty ? "\(error)" : message)
      exit(ExitStatus(of: error).rawValue)
    }
  }

  /// Prints an error in one line. Files and names may hold anything, also what would command the terminal.
  private static func say(_ text: String) {
    let line = text.unicodeScalars.map { scalar in
      switch scalar.value {
      case 0x0A, 0x0D, 0x09: " "
      case 0..<0x20, 0x7F..<0xA0: "\u{FFFD}"
      default: String(scalar)
      }
    }
    Console.shared.say("lipcert: error: " + line.joined())
  }
}

/// A failure with its exit status, told in one line.
struct CommandError: Error, CustomStringConvertible {
  let status: ExitStatus
  let description: String

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }
}
