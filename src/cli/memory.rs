//! Large buffers go back to the system as soon as they are freed.

/// From this size on a buffer is mapped by itself. glibc raises the limit to the largest buffer that was ever freed, and
/// then keeps bodies and pictures of many megabytes in its heaps: 20 MB more at the peak of a 25 MB reply.
#[cfg(target_env = "gnu")]
const MAPPED_FROM: libc::c_int = 1 << 20;

/// To be called first, before other threads allocate.
#[cfg(target_env = "gnu")]
#[expect(
    unsafe_code,
    reason = "the allocator has no other door; the call only sets a number and is made before any thread starts"
)]
pub fn give_back_early() {
    // Refused by an allocator that has no such limit; then nothing changes.
    let _refused = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM) };
}

#[cfg(not(target_env = "gnu"))]
pub fn give_back_early() {}
