import Foundation
import Networks

/// What certificates of all kinds have in common: a JSON file of a known format about one model, with a seal.
public protocol SealedCertificate: Codable, Sendable {
  /// The value of ``format`` in every certificate of the kind.
  static var formatName: String { get }
  /// The version this code reads and writes.
  static var currentVersion: Int { get }
  /// ``formatName``.
  var format: String { get }
  /// The format's version.
  var version: Int { get }
  /// The model it is about.
  var model: Certificate.Model { get }
  /// SHA-256 of the content.
  var seal: String { get }
  /// SHA-256 of everything that bears on the proof.
  var contentDigest: String { get }
}

extension SealedCertificate {
  /// The certificate as JSON.
  ///
  /// - Throws: ``CertificateError/malformed(_:)`` when a number is not finite, which JSON cannot hold.
  public func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(self)
    } catch {
      throw CertificateError.malformed("a number is not finite")
    }
  }

  /// Reads a certificate from JSON.
  ///
  /// - Throws: ``CertificateError/malformed(_:)``.
  public init(decoding data: Data) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as DecodingError {
      throw CertificateError.malformed(Self.describe(error))
    } catch {
      throw CertificateError.malformed("it is not JSON")
    }
    guard format == Self.formatName else { throw CertificateError.malformed("its format is '\(format)', not '\(Self.formatName)'") }
    guard version == Self.currentVersion else {
      throw CertificateError.malformed("its version is \(version); this program reads version \(Self.currentVersion)")
    }
  }

  /// Requires that the certificate is unaltered and about this network.
  ///
  /// - Throws: ``NotProved``.
  func require(about network: LoweredNetwork) throws {
    guard format == Self.formatName, version == Self.currentVersion else { throw NotProved("the format is not known") }
    try network.requireNormalForm()
    guard contentDigest == seal else { throw NotProved("the seal does not fit the content: it was altered") }
    guard model.sha256 == NetworkDigest.sha256(of: network) else {
      throw NotProved("it is about another network: the digest of this model's weights differs")
    }
    guard model.inputs == network.inputCount, model.outputs == network.outputCount, model.units == network.unitCount else {
      throw NotProved("the sizes of the network differ")
    }
  }

  fileprivate static func describe(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "at the top level" : "at '" + path.map(\.stringValue).joined(separator: ".") + "'"
    }
    switch error {
    case .keyNotFound(let key, let context): return "'\(key.stringValue)' is missing \(place(context.codingPath))"
    case .typeMismatch(_, let context): return "a value of the wrong type \(place(context.codingPath))"
    case .valueNotFound(_, let context): return "a missing value \(place(context.codingPath))"
    case .dataCorrupted(let context) where context.codingPath.isEmpty: return "it is not JSON, or only a part of it"
    case .dataCorrupted(let context): return "a value of the wrong kind \(place(context.codingPath))"
    @unknown default: return "it cannot be decoded"
    }
  }
}
