use super::{OpenArgs, Shared};
pub fn app(_: &Shared) -> anyhow::Result<u8> { anyhow::bail!("soon") }
pub fn open(_: &Shared, _: &OpenArgs) -> anyhow::Result<u8> { anyhow::bail!("soon") }
