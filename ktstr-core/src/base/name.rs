//! Names as bytes: whether two are one, and the hash that tables find them by. Both work in `const`, and
//! neither looks at bytes one by one where there are eight. What a name may be is judged in `validate`.

/// Whether two names are one.
#[inline]
pub(crate) const fn equal(one: &str, other: &str) -> bool {
    equal_bytes(one.as_bytes(), other.as_bytes())
}

/// Eight bytes at a time, the last eight first, which overlap those before.
#[inline(always)]
pub(crate) const fn equal_bytes(mut one: &[u8], mut other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    if let (Some(a), Some(b)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) {
        if u64::from_le_bytes(*a) != u64::from_le_bytes(*b) {
            return false;
        }
        while one.len() > 8 {
            let (Some((a, one_rest)), Some((b, other_rest))) =
                (one.split_first_chunk::<8>(), other.split_first_chunk::<8>())
            else {
                break;
            };
            if u64::from_le_bytes(*a) != u64::from_le_bytes(*b) {
                return false;
            }
            (one, other) = (one_rest, other_rest);
        }
        return true;
    }
    while let (Some((a, one_rest)), Some((b, other_rest))) = (one.split_first(), other.split_first()) {
        if *a != *b {
            return false;
        }
        (one, other) = (one_rest, other_rest);
    }
    true
}

/// The first and the last eight bytes of a name, which overlap where it is short, and what lies between eight
/// at a time, folded by wide multiplications. Each `seed` makes another hash of a name.
#[inline(always)]
pub(crate) const fn hash(name: &str, seed: u64) -> u64 {
    let bytes = name.as_bytes();
    let length = bytes.len();
    let (first, last) = match (bytes.split_first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some((first, rest)), Some(last)) => {
            let mut state = u64::from_le_bytes(*first);
            let mut rest = rest;
            while rest.len() > 8 {
                let Some((word, after)) = rest.split_first_chunk::<8>() else { break };
                state = fold(state ^ SPICE, u64::from_le_bytes(*word) ^ SALT);
                rest = after;
            }
            (state, u64::from_le_bytes(*last))
        }
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                (u32::from_le_bytes(*first) as u64, u32::from_le_bytes(*last) as u64)
            }
            _ if length == 0 => (0, 0),
            _ => (bytes[0] as u64, (bytes[length / 2] as u64) << 8 | bytes[length - 1] as u64),
        },
    };
    fold(first ^ SPICE ^ seed, last ^ SALT ^ (length as u64) << 32)
}

const SALT: u64 = 0xD6E8_FEB8_6659_FD93;
const SPICE: u64 = 0x9E37_79B9_7F4A_7C15;

#[inline(always)]
const fn fold(one: u64, other: u64) -> u64 {
    let wide = one as u128 * other as u128;
    wide as u64 ^ (wide >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::collections::BTreeSet;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    const COUNT: usize = 4096;

    /// The most of `keys` that share one of as many buckets.
    fn fullest(keys: impl Iterator<Item = usize>) -> u32 {
        let mut buckets = [0; COUNT];
        keys.for_each(|key| buckets[key % COUNT] += 1);
        buckets.into_iter().max().unwrap_or(0)
    }

    #[test]
    fn names_as_people_number_them_are_spread_by_both_ends_of_the_hash() {
        let families: [fn(usize) -> String; 6] = [
            |n| format!("{n}"),
            |n| format!("cell_{n:05}"),
            |n| format!("{n:05}_cell"),
            |n| format!("top/{}/leaf-{}", n / 64, n % 64),
            |n| format!("a-rather-long-name-{n:04}-that-goes-on"),
            |n| std::iter::repeat_n('x', n % 64).chain(format!("{}", n / 64).chars()).collect(),
        ];
        for family in families {
            let names: BTreeSet<String> = (0..COUNT).map(family).collect();
            for seed in [0, 1, 0x1234_5678] {
                let hashes: Vec<u64> = names.iter().map(|name| hash(name, seed)).collect();
                let distinct: BTreeSet<u64> = hashes.iter().copied().collect();
                assert_eq!(distinct.len(), names.len(), "{}", family(7));
                for shift in [0, 52] {
                    let fullest = fullest(hashes.iter().map(|hash| (hash >> shift) as usize));
                    assert!(fullest <= 12, "{fullest} like {} from bit {shift}", family(7));
                }
            }
        }
    }
}
