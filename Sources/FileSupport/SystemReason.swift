#if canImport(Glibc)
  import Glibc
#endif

/// Why the system refused a file, in words for people who do not know the names of its errors.
enum SystemReason {
  /// Why a file that is there could not be read.
  static func reading(_ code: Int32) -> String { words(code) }

  /// Why a file or folder could not be written.
  static func writing(_ code: Int32) -> String {
    switch code {
    case ENOENT: "its folder does not exist"
    case EISDIR: "it is a folder"
    case EEXIST: "there is a file of this name"
    case ENOSPC: "the disk is full"
    case EDQUOT: "the quota is used up"
    case EFBIG: "it would be larger than the system allows"
    case EROFS: "the disk is read-only"
    default: words(code)
    }
  }

  private static func words(_ code: Int32) -> String {
    switch code {
    case ENOENT: "there is no such file"
    case ENOTDIR: "a part of its path is a file, not a folder"
    case EACCES, EPERM: "permission is denied"
    case ELOOP: "symbolic links lead in a circle"
    case ENAMETOOLONG: "the name is too long"
    default: String(cString: strerror(code))
    }
  }
}
