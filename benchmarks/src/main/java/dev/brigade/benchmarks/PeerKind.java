package dev.brigade.benchmarks;

/** The pools of processes that are measured. */
enum PeerKind {
    ECHO("raw socket echo", ""),
    BRIGADE("Brigade ProcessRunner", ""),
    OJALGO("ojAlgo ExternalProcessExecutor", ""),
    PP4J("PP4J JavaProcessPoolExecutor", ""),
    EXECUTOR("Python ProcessPoolExecutor", "executor"),
    EXECUTOR_CHUNKED("Python ProcessPoolExecutor, chunksize=100", "executor-chunked"),
    EXECUTOR_SPAWN("Python ProcessPoolExecutor, spawn", "executor-spawn"),
    POOL("Python multiprocessing.Pool", "pool"),
    JOBLIB("Python joblib", "joblib");

    private final String title;
    private final String word;

    PeerKind(String title, String word) {
        this.title = title;
        this.word = word;
    }

    String title() {
        return title;
    }

    boolean isPython() {
        return !word.isEmpty();
    }

    Peer open(ComparisonContext bench, int workers) throws Exception {
        return switch (this) {
            case ECHO -> new EchoPeer();
            case BRIGADE -> new BrigadePeer(workers);
            case OJALGO -> new OjAlgoPeer(workers);
            case PP4J -> new Pp4jPeer(workers);
            default -> new PythonPeer(bench.python(), word, workers);
        };
    }
}
