//! Work in equal parts on every core.

/// Does it, in order; fewer than `least` things are not worth a thread.
pub(super) fn spread<T: Sync, R: Send, E: Send>(
    things: &[T],
    least: usize,
    work: impl Fn(&[T]) -> Result<Vec<R>, E> + Sync,
) -> Result<Vec<R>, E> {
    if things.len() < least {
        return work(things);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut parts = things.chunks(things.len().div_ceil(cores).max(1));
    // One part is for the thread that is here already.
    let Some(mine) = parts.next() else {
        return work(things);
    };
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let mut done = work(mine);
        for thread in threads {
            let part = thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            done = done.and_then(|mut done| {
                done.extend(part?);
                Ok(done)
            });
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_and_with_the_first_error() {
        let things: Vec<u32> = (0..100).collect();
        let twice = |part: &[u32]| Ok::<_, u32>(part.iter().map(|it| it * 2).collect());
        let doubled: Vec<u32> = (0..100).map(|it| it * 2).collect();
        assert_eq!(spread(&things, 8, twice), Ok(doubled));
        assert_eq!(spread(&[], 0, twice), Ok(Vec::new()));
        let fails = |part: &[u32]| Err::<Vec<u32>, u32>(part[0]);
        assert_eq!(spread(&things, 8, fails), Err(0));
    }
}
