//! Directories that outlive a run and are trusted later: whoever can write there decides what is booted. They
//! are the user's alone, and what is not is refused before anything in it is read.

use crate::error::{IoContext, VmError};
use rustix::process::geteuid;
use std::fs::{DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

/// Makes the directory, mode 0700, where it is missing, with those above it, and verifies it.
///
/// # Errors
/// [`VmError::NotPrivate`], [`VmError::Io`].
pub(crate) fn make(path: &Path) -> Result<(), VmError> {
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        std::fs::create_dir_all(above).at("create", above)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error).at("create", path),
        _ => verify(path).map(drop),
    }
}

/// Verifies that the directory is this user's and that nobody else can write to it; if others can read it,
/// they no longer can. Whether it is there.
///
/// # Errors
/// [`VmError::NotPrivate`], [`VmError::Io`].
pub(crate) fn verify(path: &Path) -> Result<bool, VmError> {
    let refused = |reason: String| Err(VmError::NotPrivate { path: path.to_owned(), reason });
    let user = geteuid().as_raw();
    let link = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        link => link.at("read", path)?,
    };
    let meta = std::fs::metadata(path).at("read", path)?;
    for owner in [link.uid(), meta.uid()] {
        if owner != user {
            return refused(format!("it belongs to user {owner}, and this is user {user}"));
        }
    }
    if !meta.is_dir() {
        return refused("it is no directory".to_owned());
    }
    let mode = meta.permissions().mode() & 0o7777;
    if mode & 0o022 != 0 {
        return refused(format!("others may write to it (mode {mode:04o})"));
    }
    if mode & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).at("make private", path)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn what_is_made_is_private_and_what_others_read_becomes_so() {
        let base = tempfile::tempdir().unwrap();
        let (new, old) = (base.path().join("above/new"), base.path().join("old"));
        std::fs::create_dir(&old).unwrap();
        std::fs::set_permissions(&old, Permissions::from_mode(0o755)).unwrap();
        for path in [&new, &old, &new] {
            make(path).unwrap();
            assert_eq!(mode(path), 0o700);
        }
        assert!(!verify(&base.path().join("none")).unwrap());
    }

    #[test]
    fn what_others_could_have_written_to_is_refused() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("shared");
        std::fs::create_dir(&path).unwrap();
        for shared in [0o777, 0o770, 0o1777, 0o702] {
            std::fs::set_permissions(&path, Permissions::from_mode(shared)).unwrap();
            let error = make(&path).unwrap_err();
            assert_eq!((error.code(), mode(&path)), ("V014", shared), "{error}");
        }
        let file = base.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(make(&file).unwrap_err().code(), "V014");
    }

    #[test]
    fn what_is_another_users_is_refused_also_behind_a_link() {
        let base = tempfile::tempdir().unwrap();
        let (theirs, link) = (base.path().join("theirs"), base.path().join("link"));
        std::fs::create_dir(&theirs).unwrap();
        if std::os::unix::fs::chown(&theirs, Some(65534), Some(65534)).is_err() {
            println!("SKIP: only root can give a directory away");
            return;
        }
        std::os::unix::fs::symlink(&theirs, &link).unwrap();
        for path in [&theirs, &link] {
            let error = make(path).unwrap_err();
            assert!(error.to_string().contains("belongs to user 65534"), "{error}");
        }
    }
}
