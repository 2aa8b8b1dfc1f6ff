//! The errors of system calls that an operation can be expected to fail with, by the names that C has for
//! them.

use serde::Serialize;

macro_rules! errnos {
    ($($name:ident = $number:literal)+) => {
        /// An error of a system call, errno(3).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[allow(missing_docs)] // each is what errno(3) says of it
        #[repr(u16)]
        pub enum Errno { $($name = $number,)+ }

        impl Errno {
            /// All of them, in the order of their numbers.
            pub const ALL: [Self; [$($number),+].len()] = [$(Self::$name),+];
            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// Its number, on Linux.
            pub const fn number(self) -> i32 {
                self as i32
            }

            /// The one with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|errno| errno.name() == name)
            }

            /// The one with this number.
            pub fn from_number(number: i32) -> Option<Self> {
                Self::ALL.into_iter().find(|errno| errno.number() == number)
            }
        }
    };
}

errnos! {
    EPERM = 1 ENOENT = 2 ESRCH = 3 EIO = 5 ENXIO = 6 E2BIG = 7 EBADF = 9 EAGAIN = 11 ENOMEM = 12 EACCES = 13
    EBUSY = 16 EEXIST = 17 EXDEV = 18 ENODEV = 19 ENOTDIR = 20 EINVAL = 22 ENOSPC = 28 EROFS = 30 ERANGE = 34
    ENAMETOOLONG = 36 ELOOP = 40 EOVERFLOW = 75 EOPNOTSUPP = 95
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_name_and_its_number() {
        for (errno, name) in Errno::ALL.into_iter().zip(Errno::NAMES) {
            assert_eq!((errno.name(), Errno::from_name(name)), (*name, Some(errno)));
            assert_eq!(Errno::from_number(errno.number()), Some(errno));
        }
        assert_eq!((Errno::from_name("EFINE"), Errno::from_number(0)), (None, None));
    }
}
