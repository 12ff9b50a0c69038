"""Measures one of Python's process pools: reads "op n" lines, answers "ok figures" or "err reason" lines.

Times are in nanoseconds, taken here, as a Python program would see them.
"""

import concurrent.futures
import multiprocessing
import os
import signal
import sys
import tempfile
import time

NOTICE_LIMIT = 5.0


def increment(i):
    return i + 1


def length(data):
    return len(data)


def make(size):
    return bytes(size)


def squares(bounds):
    total = 0
    for i in range(*bounds):
        total += i * i
    return total


def meet(arguments):
    """Comes back once all have come; says which process came."""
    directory, me, everybody = arguments
    open(os.path.join(directory, str(me)), "w").close()
    deadline = time.monotonic() + 30
    while len(os.listdir(directory)) < everybody:
        if time.monotonic() > deadline:
            raise TimeoutError("the other workers did not come")
        time.sleep(0.001)
    return os.getpid()


def hang(path):
    with open(path + ".part", "w") as file:
        file.write(str(os.getpid()))
    os.rename(path + ".part", path)
    time.sleep(60)


class Executor:
    def __init__(self, workers, method=None, chunk=1):
        context = multiprocessing.get_context(method)
        self.pool = concurrent.futures.ProcessPoolExecutor(workers, mp_context=context)
        self.chunk = chunk

    def submit(self, function, argument):
        return self.pool.submit(function, argument).result

    def map(self, function, inputs):
        return list(self.pool.map(function, inputs, chunksize=self.chunk))

    def close(self):
        self.pool.shutdown()


class Pool:
    def __init__(self, workers):
        self.pool = multiprocessing.Pool(workers)

    def submit(self, function, argument):
        return self.pool.apply_async(function, (argument,)).get

    def map(self, function, inputs):
        return self.pool.map(function, inputs)

    def close(self):
        self.pool.close()
        self.pool.join()


class Joblib:
    def __init__(self, workers):
        import joblib
        from joblib.externals.loky import get_reusable_executor

        self.joblib = joblib
        self.executor = get_reusable_executor
        self.workers = workers
        self.parallel = joblib.Parallel(n_jobs=workers)
        self.parallel.__enter__()

    def submit(self, function, argument):
        return self.executor(max_workers=self.workers).submit(function, argument).result

    def map(self, function, inputs):
        return self.parallel(self.joblib.delayed(function)(i) for i in inputs)

    def close(self):
        self.parallel.__exit__(None, None, None)
        self.executor(max_workers=self.workers).shutdown(wait=True)


KINDS = {
    "executor": Executor,
    "executor-spawn": lambda workers: Executor(workers, method="spawn"),
    "executor-chunked": lambda workers: Executor(workers, chunk=100),
    "pool": Pool,
    "joblib": Joblib,
}


class Peer:
    def __init__(self, kind, workers):
        self.kind = kind
        self.workers = workers
        self.pool = KINDS[kind](workers)

    def round_trip(self, n):
        begin = time.perf_counter_ns()
        for i in range(n):
            check(self.pool.submit(increment, i)() == i + 1)
        return [time.perf_counter_ns() - begin]

    def submit_many(self, n):
        begin = time.perf_counter_ns()
        results = [self.pool.submit(increment, i) for i in range(n)]
        check([result() for result in results][-1] == n)
        return [time.perf_counter_ns() - begin]

    def map(self, n):
        begin = time.perf_counter_ns()
        check(self.pool.map(increment, range(n))[-1] == n)
        return [time.perf_counter_ns() - begin]

    def send(self, n):
        data = os.urandom(n)
        begin = time.perf_counter_ns()
        check(self.pool.submit(length, data)() == n)
        return [time.perf_counter_ns() - begin]

    def fetch(self, n):
        begin = time.perf_counter_ns()
        check(len(self.pool.submit(make, n)()) == n)
        return [time.perf_counter_ns() - begin]

    def squares(self, n):
        n //= 20  # so much slower is the language; the speed-up is what is looked at
        parts = 8
        bounds = [(n * i // parts, n * (i + 1) // parts) for i in range(parts)]
        begin = time.perf_counter_ns()
        alone = sum(squares(part) for part in bounds)
        middle = time.perf_counter_ns()
        check(sum(self.pool.map(squares, bounds)) == alone)
        return [middle - begin, time.perf_counter_ns() - middle]

    def pids(self, _=0):
        with tempfile.TemporaryDirectory() as directory:
            waits = [self.pool.submit(meet, (directory, i, self.workers)) for i in range(self.workers)]
            return [wait() for wait in waits]

    def start(self, _):
        self.pool.close()
        begin = time.perf_counter_ns()
        self.pool = KINDS[self.kind](self.workers)
        self.pids()
        self.pool.close()
        took = time.perf_counter_ns() - begin
        self.pool = KINDS[self.kind](self.workers)
        return [took]

    def kill(self, _):
        self.pids()
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "pid")
            wait = self.pool.submit(hang, path)
            while not os.path.exists(path):
                time.sleep(0.001)
            with open(path) as file:
                victim = int(file.read())
            begin = time.perf_counter_ns()
            os.kill(victim, signal.SIGKILL)
            self.notice(wait)
            noticed = time.perf_counter_ns() - begin
        try:
            self.pids()
        except concurrent.futures.process.BrokenProcessPool:
            self.pool.close()
            self.pool = KINDS[self.kind](self.workers)
            self.pids()
        return [noticed, time.perf_counter_ns() - begin]

    def notice(self, wait):
        try:
            wait(NOTICE_LIMIT)
        except (TimeoutError, multiprocessing.TimeoutError, concurrent.futures.TimeoutError):
            raise AssertionError(f"the loss of a worker was not reported within {NOTICE_LIMIT:.0f} s") from None
        except Exception:
            return
        raise AssertionError("the killed task has a result")


def check(fact):
    if not fact:
        raise AssertionError("wrong result")


def main():
    peer = Peer(sys.argv[1], int(sys.argv[2]))
    print("ok", flush=True)
    for line in sys.stdin:
        op, n = line.split()
        try:
            figures = getattr(peer, op)(int(n))
            print("ok", *figures, flush=True)
        except Exception as e:
            print("err", type(e).__name__, str(e).replace("\n", " "), flush=True)
    peer.pool.close()


if __name__ == "__main__":
    try:
        main()
    except Exception as e:
        print("err", type(e).__name__, str(e).replace("\n", " "), flush=True)
        sys.exit(1)
