//! `Arbitrary` for scenarios: the input of a fuzz target.

use crate::{Draft, Gen};
use arbitrary::{Arbitrary, Result, Unstructured};

/// A generated scenario as the input of a fuzz target; feature `arbitrary`. It is made for four CPUs, as
/// [`Gen`] says.
///
/// ```
/// use arbitrary::{Arbitrary, Unstructured};
/// use ktstr_core::Topology;
/// use ktstr_gen::{AnyScenario, is_valid};
///
/// // fuzz_target!(|input: AnyScenario| { ... })
/// let bytes: Vec<u8> = (0..200).map(|n| (n * 37) as u8).collect();
/// let input = AnyScenario::arbitrary_take_rest(Unstructured::new(&bytes))?;
/// assert!(input.0.size() > 0);
/// assert!(input.0.with(|scenario| is_valid(scenario, &Topology::uniform(1, 2, 2, 1))));
/// # Ok::<(), arbitrary::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AnyScenario(pub Draft<'static>);

impl<'a> Arbitrary<'a> for AnyScenario {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let length = input.arbitrary_len::<u8>()?;
        Ok(Self(Gen::from_bytes(input.bytes(length)?).scenario()))
    }

    fn arbitrary_take_rest(input: Unstructured<'a>) -> Result<Self> {
        Ok(Self(Gen::from_bytes(input.take_rest()).scenario()))
    }
}
