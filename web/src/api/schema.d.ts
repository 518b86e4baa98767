// Owns the types of the API, made from its OpenAPI document: `npm run web:types` writes them anew.

export interface paths {
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show how fresh and how complete every stream is.
         * @description For each stream: its live records, whether all of the source is covered, and when it was last read completely; for each connection: its runs, its schedules, and what a person has to do.
         */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the services that can be connected, with what they need and what they give. */
        get: operations["getConnectors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connectors/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the services that can be connected, with what they need and what they give. */
        get: operations["getConnectorsName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the connectors whose services this server emulates on request, for whoever has no account at hand. */
        get: operations["getSamples"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/samples/{connector}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start an emulated service on this machine, and connect it. */
        post: operations["postSamplesConnector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the connections of the project, with their options and streams, but never their secrets. */
        get: operations["getConnections"];
        put?: never;
        /**
         * Connect an account of a service.
         * @description With the id of a connection that exists, changes the options that are given, keeps the others, and resumes it; null takes an option away. With check, the service is asked once whether it takes the login, and what it refuses is an error; the connection is kept all the same.
         */
        post: operations["postConnections"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a connection, with what is stored of it, its active run and its last one. */
        get: operations["getConnectionsId"];
        put?: never;
        post?: never;
        /** Disconnect a connection: its secrets are forgotten, its records stay. With purge=true all of it is deleted. */
        delete: operations["deleteConnectionsId"];
        options?: never;
        head?: never;
        /** Change the options of a connection, or pause or resume it (paused). */
        patch: operations["patchConnectionsId"];
        trace?: never;
    };
    "/api/connections/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the service once whether it takes the login, and whose it is.
         * @description A login that the service refuses pauses the connection; one that it takes resumes it, unless a person has paused it. The request counts for limits and budgets, and belongs to no run.
         */
        post: operations["postConnectionsIdCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show which times of each stream were read, and which are known not to have been.
         * @description The times are those by which the source orders its records. Where that order is no time, status tells how complete a stream is.
         */
        get: operations["getConnectionsIdCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what a sync would do now.
         * @description Reads only what is stored, and makes no request. A paused connection has a plan that says so.
         */
        get: operations["getConnectionsIdPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a run of a connection. It goes on without the caller; a run that is active already is the answer (200). */
        post: operations["postConnectionsIdRuns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what became of a run that was ordered.
         * @description Of what has ended, the last thousand of a project are kept.
         */
        get: operations["getOrdersId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/schedule": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the schedules of a connection. */
        get: operations["getConnectionsIdSchedule"];
        /**
         * Set when a connection runs.
         * @description A server runs it then: the connection, or one of its streams. A stream with its own schedule is left out of the schedule of the connection. If runs were missed because nothing was serving, one run makes up for them. Every call sets the whole schedule: what is left out is removed.
         */
        put: operations["putConnectionsIdSchedule"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List runs, newest first; with batch, the summary of a batch. */
        get: operations["getRuns"];
        put?: never;
        /** Start a run of every connection: of this project, of another one or of all of them (project; for those, scope admin). With wait=true the answer is the summary, when all have ended. */
        post: operations["postRuns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one run.
         * @description A run that is under way has its progress.
         */
        get: operations["getRunsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the log of a run: each request with its answer, what was noted, and how it ended.
         * @description In the order in which it happened. Requests are kept for 30 days; of an older run, the rest is told. A run that is under way is told as far as it is stored.
         */
        get: operations["getRunsIdLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a run to stop after its current page.
         * @description What it has read is kept, and the next run continues from there.
         */
        post: operations["postRunsIdCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow a run: events progress, at least every 3 seconds, and done. */
        get: operations["getRunsIdEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow all runs of the project: events progress and done. */
        get: operations["getEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the records of a stream.
         * @description They are ordered by key, keys that are whole numbers by size, unless another order is given. Any number of records takes the same memory; an order by a column holds their keys.
         */
        get: operations["getConnectionsIdStreamsStreamRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/outline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell how many records match, what columns they have, and the cursor of every part of them. */
        get: operations["getConnectionsIdStreamsStreamOutline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read all records that match as a file, sent as they are read. */
        get: operations["getConnectionsIdStreamsStreamExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/records/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one record; one that was removed, too. */
        get: operations["getConnectionsIdStreamsStreamRecordsKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/records/{key}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show every version of a record, oldest first.
         * @description Content that came when a newer one was stored is among them, as superseded.
         */
        get: operations["getConnectionsIdStreamsStreamRecordsKeyVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/records/{key}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Explain why a record is as it is.
         * @description For every version, removal and return: the run, the page, the requests and the rule. Requests are kept for 30 days.
         */
        get: operations["getConnectionsIdStreamsStreamRecordsKeyExplain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a metric over time.
         * @description The value for each day, or for each run. Without a key: the total of the stream, which is the sum of the latest known values of all records that were live then. Growth is the last value minus that of one day (or of 30 days) before it; it is unknown where that value is unknown.
         */
        get: operations["getConnectionsIdStreamsStreamMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/movers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find the records whose metric has moved the most.
         * @description From the last value before the time began, or of a record that had none from its first one in it, to the latest; each with when it was taken. Removed records are left out.
         */
        get: operations["getConnectionsIdStreamsStreamMovers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/streams/{stream}/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read a file that a service has exported into a stream.
         * @description The file, or the ZIP that it came in, is read to its end before anything is written. A file that is not older than the last is the whole list: what it lacks is removed, or held for a person where that is much. An older one changes nothing.
         */
        post: operations["postConnectionsIdStreamsStreamUploads"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fetch the picture of a record from the address that it holds.
         * @description JPEG, PNG, GIF, WebP and AVIF up to 8 MiB, without the credentials of the connection. A private address is asked only where it is that of the service itself.
         */
        get: operations["getConnectionsIdImage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/catalog": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the newest catalog, as it was published. */
        get: operations["getConnectionsIdCatalog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/catalogs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the catalogs of a connection, newest first.
         * @description A connector that declares it publishes the whole content as one document after each complete run; the last five are kept.
         */
        get: operations["getConnectionsIdCatalogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/catalogs/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a catalog that is kept, as it was published. */
        get: operations["getConnectionsIdCatalogsN"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/catalogs/{a}/diff/{b}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare two catalogs: what was added, removed and changed between them. */
        get: operations["getConnectionsIdCatalogsADiffB"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the change feed as JSON lines, oldest first. With wait, seconds, it waits for so long for the first change. */
        get: operations["getChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what has changed, the newest first.
         * @description What a program follows is changes, from the oldest on and without gaps; this is for people, as far back as the change feed is kept.
         */
        get: operations["getActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find records by their words or their meaning, in all streams that declare their text.
         * @description Several words mean all of them; each may be the beginning of a word. Case, accents and punctuation do not matter. With semantic, records that mean the same in other words are found as well. The index follows the records a little after each run.
         */
        get: operations["getSearch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sql": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the database with one statement that reads.
         * @description Every stream is a table named <connector>_<stream>, with _all (removed records too), _versions, _snapshots and _daily beside it; runs, gaps, quarantine, requests, changes and streams are tables as well. Booleans are 0 and 1, on PostgreSQL too. Numbers with more digits than a double holds are text, and so are NaN and Infinity.
         */
        post: operations["postSql"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tables that sql reads: those of the streams, then Tidemark’s own.
         * @description Rows of …_daily are counted only when the table is named: it takes a while where there are many.
         */
        get: operations["getTables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/blends": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the blends of the project. */
        get: operations["getBlends"];
        put?: never;
        /**
         * Make a blend: records made of several streams, by an identity and a rule for each field.
         * @description It is made again after each run of its sources. Rules: max (remembers), max-current, min, latest, first, sum, manual-wins=<source>, source-order (the default).
         */
        post: operations["postBlends"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/blends/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a blend: its sources and how each stands, its rules, and the unmatched. */
        get: operations["getBlendsName"];
        put?: never;
        post?: never;
        /**
         * End a blend, and delete its records, their history and what was set by hand.
         * @description Its sources stay as they are.
         */
        delete: operations["deleteBlendsName"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/blends/{name}/records/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Set fields of a blend's record by hand: the body has them by name, null unsets one. */
        patch: operations["patchBlendsNameRecordsKey"];
        trace?: never;
    };
    "/api/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show all budgets and what is spent. */
        get: operations["getBudgets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/budgets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Limit the requests or the cost of a connection, or of all connections of a connector.
         * @description The limit holds in any window of its length, over all processes. A run that reaches it keeps what it has read and leaves the rest to the next run. What was used before the budget was set counts, as far as the ledger knows it. `off` takes a limit away (null in the library); what is left out stays as it is. A name that both a connection and a connector have means the connection, unless scope says connector.
         */
        put: operations["putBudgetsName"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/removals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List removals by run, the newest first: made, held for you, and waiting for the next run to confirm them. */
        get: operations["getRemovals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/removals/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve or reject the removals that a run holds for you, or undo those that it made.
         * @description approve removes what is held, or what an earlier reject or undo has kept. reject keeps it until the source lists it again. undo brings back everything that the run removed, with its last content, and keeps it. The run counts the decision as its own: after an undo, `runs` shows as many restored as removed.
         */
        post: operations["postRemovalsIdApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/removals/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve or reject the removals that a run holds for you, or undo those that it made.
         * @description approve removes what is held, or what an earlier reject or undo has kept. reject keeps it until the source lists it again. undo brings back everything that the run removed, with its last content, and keeps it. The run counts the decision as its own: after an undo, `runs` shows as many restored as removed.
         */
        post: operations["postRemovalsIdReject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/removals/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve or reject the removals that a run holds for you, or undo those that it made.
         * @description approve removes what is held, or what an earlier reject or undo has kept. reject keeps it until the source lists it again. undo brings back everything that the run removed, with its last content, and keeps it. The run counts the decision as its own: after an undo, `runs` shows as many restored as removed.
         */
        post: operations["postRemovalsIdUndo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the texts of records that could not be read.
         * @description A text of which a newer content was read since says when, in supersededAt.
         */
        get: operations["getQuarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quarantine/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read again what is in quarantine, with the connectors as they are now.
         * @description Each record that can be read takes its place in the order of its versions.
         */
        post: operations["postQuarantineRetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/gaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the gaps: what is known not to have been read.
         * @description Each is a walk that broke off, or what a run could not prove. The next sync closes them, where it can.
         */
        get: operations["getGaps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look for what is missing.
         * @description Looks through what is stored for gaps, totals that are not reached, caps and round numbers, filters that nobody asked for, streams that have gone silent, records that could not be read, and removals that wait. Makes no request.
         */
        get: operations["getAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who has started, changed or ended what, the newest first.
         * @description Every run that somebody asked for, every change and every end has an entry, those that failed too, with the token or the face it came through. Runs of a schedule are in the list of runs.
         */
        get: operations["getAudit-log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show who works on the database, what waits for them, and the limits that they share.
         * @description Of the whole database, of all projects: processes of tidemark serve and tidemark worker that were there within half a minute, what is due and ordered, and the limits of services that were used within an hour.
         */
        get: operations["getWorkers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the webhooks that the project sends. */
        get: operations["getWebhooks"];
        put?: never;
        /**
         * Send a webhook whenever something happens in the project.
         * @description Its secret is shown once: with it each message is signed, as Standard Webhooks say. Events: run.finished, run.failed, run.paused, removals.held, budget.reached.
         */
        post: operations["postWebhooks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a webhook that the project sends, with its newest messages. */
        get: operations["getWebhooksId"];
        put?: never;
        post?: never;
        /** Delete a webhook, with all that was still to be sent to it. */
        delete: operations["deleteWebhooksId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message that tells of nothing, and show what came of it.
         * @description It is tried once, now.
         */
        post: operations["postWebhooksIdTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send messages of a webhook again: those that were given up, or one.
         * @description They go out with the next run, or at once where tidemark serve runs.
         */
        post: operations["postWebhooksIdReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/push/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Give the key with which a browser subscribes to notifications of this server.
         * @description The pair is made once for a database; the private key is sealed, and never leaves it.
         */
        get: operations["getPushKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/push/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the browsers that show notifications of the project. */
        get: operations["getPushSubscriptions"];
        put?: never;
        /**
         * Show notifications in a browser: when a long run ends, a login must be renewed, or removals wait for a person.
         * @description Its address and keys are those of its PushSubscription. The same address stands for the same browser. It ends with the token that has subscribed it, when that is revoked.
         */
        post: operations["postPushSubscriptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/push/subscriptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Show no more notifications in a browser, not even those that wait. */
        delete: operations["deletePushSubscriptionsId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/push/subscriptions/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a notification that tells of nothing, and show what its push service answered.
         * @description It is tried once, now.
         */
        post: operations["postPushSubscriptionsIdTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the key that encrypts the secrets, by a name that does not reveal it. */
        get: operations["getKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the project's tokens that are in force. */
        get: operations["getTokens"];
        put?: never;
        /**
         * Create a token for calls of the server.
         * @description It is shown once, and belongs to the project. The scopes: read looks, sync starts and cancels runs, write changes connections, schedules and decisions, admin may do everything.
         */
        post: operations["postTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a token, from now on. */
        delete: operations["deleteTokensId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List projects: the own one; with scope admin, all of the database. */
        get: operations["getProjects"];
        put?: never;
        /**
         * Create a project.
         * @description One that exists in the same time zone stays as it is.
         */
        post: operations["postProjects"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            code: string;
            hint: string | null;
            /** @description what is wrong with each option of a connector; the option is null where it is several together */
            issues?: {
                option: string | null;
                message: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getStatus: {
        parameters: {
            query?: {
                /** @description only those of this connection */
                connection?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connections: {
                            id: string;
                            connector: string;
                            project: string;
                            paused: string[];
                            standing: {
                                /** @enum {string} */
                                state: "on" | "paused" | "login needed" | "disconnected" | "purging";
                                why: string | null;
                                mend: string | null;
                            };
                            /** @enum {string} */
                            health: "bad" | "busy" | "warn" | "idle" | "good";
                            todo: {
                                /** @enum {string} */
                                what: "login" | "connect" | "resume" | "purge" | "failed" | "unavailable" | "incomplete" | "removals" | "quarantine";
                                stream: string | null;
                                message: string;
                                command: string | null;
                            }[];
                            streams: {
                                stream: string;
                                lastRunAt: string | null;
                                lastSuccessAt: string | null;
                                lastFullAt: string | null;
                                runsSinceFull: number;
                                lastRecordAt: string | null;
                                lastMode: string | null;
                                lastRecords: number | null;
                                totalRecords: number;
                                nextRunAt: string | null;
                                coverage: {
                                    /** @enum {string} */
                                    kind: "unavailable" | "gap" | "unread" | "quarantined" | "held" | "stale" | "unproved" | "capped" | "complete";
                                    note: string;
                                };
                                held: number;
                                quarantined: number;
                                unconfirmed: number;
                                metrics: string[];
                            }[];
                            totalRecords: number;
                            activeRun: {
                                id: string;
                                project: string;
                                connection: string;
                                /** @enum {string} */
                                mode: "auto" | "full" | "refresh" | "upload";
                                /** @enum {string} */
                                status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                                startedAt: string;
                                finishedAt: string | null;
                                streams: {
                                    stream: string;
                                    passes: {
                                        /** @enum {string} */
                                        pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                        ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                        pages: number;
                                        requests: number;
                                    }[];
                                    counts: {
                                        fetched: number;
                                        inserted: number;
                                        updated: number;
                                        unchanged: number;
                                        superseded: number;
                                        removed: number;
                                        restored: number;
                                        held: number;
                                        unconfirmed: number;
                                        quarantined: number;
                                        snapshots: number;
                                        unavailable: number;
                                        stale: number;
                                    };
                                }[];
                                requests: number;
                                billedItems: number;
                                cost: number | null;
                                currency: string | null;
                                error: {
                                    code: string;
                                    message: string;
                                    hint: string | null;
                                    /** @enum {string} */
                                    verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                                    retryAt?: string;
                                } | null;
                                notes: string[];
                                progress: {
                                    processed: number;
                                    total: number | null;
                                    percent: number | null;
                                    rate: number;
                                    etaSeconds: number | null;
                                    streams: {
                                        stream: string;
                                        processed: number;
                                        total: number | null;
                                        inserted: number;
                                        unchanged: number;
                                    }[];
                                } | null;
                            } | null;
                            lastRun: {
                                id: string;
                                project: string;
                                connection: string;
                                /** @enum {string} */
                                mode: "auto" | "full" | "refresh" | "upload";
                                /** @enum {string} */
                                status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                                startedAt: string;
                                finishedAt: string | null;
                                streams: {
                                    stream: string;
                                    passes: {
                                        /** @enum {string} */
                                        pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                        ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                        pages: number;
                                        requests: number;
                                    }[];
                                    counts: {
                                        fetched: number;
                                        inserted: number;
                                        updated: number;
                                        unchanged: number;
                                        superseded: number;
                                        removed: number;
                                        restored: number;
                                        held: number;
                                        unconfirmed: number;
                                        quarantined: number;
                                        snapshots: number;
                                        unavailable: number;
                                        stale: number;
                                    };
                                }[];
                                requests: number;
                                billedItems: number;
                                cost: number | null;
                                currency: string | null;
                                error: {
                                    code: string;
                                    message: string;
                                    hint: string | null;
                                    /** @enum {string} */
                                    verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                                    retryAt?: string;
                                } | null;
                                notes: string[];
                                progress: {
                                    processed: number;
                                    total: number | null;
                                    percent: number | null;
                                    rate: number;
                                    etaSeconds: number | null;
                                    streams: {
                                        stream: string;
                                        processed: number;
                                        total: number | null;
                                        inserted: number;
                                        unchanged: number;
                                    }[];
                                } | null;
                            } | null;
                            nextRunAt: string | null;
                            schedules: {
                                stream: string | null;
                                schedule: string;
                                timezone: string;
                                quietHours: string | null;
                                nextRunAt: string | null;
                                lastRunAt: string | null;
                                streams: string[];
                            }[];
                        }[];
                        streams: Record<string, never>[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectors: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connectors: {
                            name: string;
                            title: string;
                            version: string;
                            options: {
                                name: string;
                                secret: boolean;
                                required: boolean;
                                description: string;
                                label: string;
                                /** @enum {string} */
                                type: "text" | "address" | "number" | "switch" | "choice";
                                choices: string[];
                                default: string | number | boolean | null;
                                min: number | null;
                                max: number | null;
                                unit: string | null;
                                example: string | null;
                                advanced: boolean;
                            }[];
                            streams: {
                                stream: string;
                                title: string | null;
                                table: string;
                                columns: {
                                    name: string;
                                    /** @enum {string} */
                                    type: "text" | "integer" | "real" | "boolean" | "json";
                                }[];
                                metrics: string[];
                                passes: {
                                    /** @enum {string} */
                                    pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                    pageSize: number | null;
                                    description: string;
                                    paid: boolean;
                                    accepts: string | null;
                                }[];
                                filters: {
                                    field: string;
                                    values: string[];
                                    open: string[];
                                }[];
                            }[];
                            limits: {
                                requests: number;
                                per: string;
                                when: string | null;
                            }[];
                            webhooks: boolean;
                            catalog: {
                                streams: {
                                    stream: string;
                                    category: string | null;
                                }[];
                                categories: string | null;
                            } | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectorsName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a connector, such as github (default: all of them) */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        title: string;
                        version: string;
                        options: {
                            name: string;
                            secret: boolean;
                            required: boolean;
                            description: string;
                            label: string;
                            /** @enum {string} */
                            type: "text" | "address" | "number" | "switch" | "choice";
                            choices: string[];
                            default: string | number | boolean | null;
                            min: number | null;
                            max: number | null;
                            unit: string | null;
                            example: string | null;
                            advanced: boolean;
                        }[];
                        streams: {
                            stream: string;
                            title: string | null;
                            table: string;
                            columns: {
                                name: string;
                                /** @enum {string} */
                                type: "text" | "integer" | "real" | "boolean" | "json";
                            }[];
                            metrics: string[];
                            passes: {
                                /** @enum {string} */
                                pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                pageSize: number | null;
                                description: string;
                                paid: boolean;
                                accepts: string | null;
                            }[];
                            filters: {
                                field: string;
                                values: string[];
                                open: string[];
                            }[];
                        }[];
                        limits: {
                            requests: number;
                            per: string;
                            when: string | null;
                        }[];
                        webhooks: boolean;
                        catalog: {
                            streams: {
                                stream: string;
                                category: string | null;
                            }[];
                            categories: string | null;
                        } | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSamples: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        samples: {
                            connector: string;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postSamplesConnector: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the service, such as github */
                connector: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        connector: string;
                        project: string;
                        options: {
                            [key: string]: unknown;
                        };
                        paused: string[];
                        standing: {
                            /** @enum {string} */
                            state: "on" | "paused" | "login needed" | "disconnected" | "purging";
                            why: string | null;
                            mend: string | null;
                        };
                        streams: string[];
                        webhookUrl: string;
                        createdAt: string;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnections: {
        parameters: {
            query?: {
                /** @description include disconnected connections, whose records are kept */
                all?: boolean;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connections: {
                            id: string;
                            connector: string;
                            project: string;
                            options: {
                                [key: string]: unknown;
                            };
                            paused: string[];
                            standing: {
                                /** @enum {string} */
                                state: "on" | "paused" | "login needed" | "disconnected" | "purging";
                                why: string | null;
                                mend: string | null;
                            };
                            streams: string[];
                            webhookUrl: string;
                            createdAt: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postConnections: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description the service, such as github */
                    connector: string;
                    /** @description what this connection is called from now on */
                    id: string;
                    /** @description options of the connector, secret ones too */
                    options?: {
                        [key: string]: unknown;
                    };
                    /** @description ask the service once whether it takes the login */
                    check?: boolean;
                };
            };
        };
        responses: {
            /** @description a connection that was there already, and whose options were changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        connector: string;
                        project: string;
                        options: {
                            [key: string]: unknown;
                        };
                        paused: string[];
                        standing: {
                            /** @enum {string} */
                            state: "on" | "paused" | "login needed" | "disconnected" | "purging";
                            why: string | null;
                            mend: string | null;
                        };
                        streams: string[];
                        webhookUrl: string;
                        createdAt: string;
                    };
                };
            };
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        connector: string;
                        project: string;
                        options: {
                            [key: string]: unknown;
                        };
                        paused: string[];
                        standing: {
                            /** @enum {string} */
                            state: "on" | "paused" | "login needed" | "disconnected" | "purging";
                            why: string | null;
                            mend: string | null;
                        };
                        streams: string[];
                        webhookUrl: string;
                        createdAt: string;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description only those of this connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        connector: string;
                        project: string;
                        options: {
                            [key: string]: unknown;
                        };
                        paused: string[];
                        standing: {
                            /** @enum {string} */
                            state: "on" | "paused" | "login needed" | "disconnected" | "purging";
                            why: string | null;
                            mend: string | null;
                        };
                        streams: string[];
                        webhookUrl: string;
                        createdAt: string;
                        totals: {
                            [key: string]: number;
                        };
                        activeRun: {
                            id: string;
                            project: string;
                            connection: string;
                            /** @enum {string} */
                            mode: "auto" | "full" | "refresh" | "upload";
                            /** @enum {string} */
                            status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                            startedAt: string;
                            finishedAt: string | null;
                            streams: {
                                stream: string;
                                passes: {
                                    /** @enum {string} */
                                    pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                    ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                    pages: number;
                                    requests: number;
                                }[];
                                counts: {
                                    fetched: number;
                                    inserted: number;
                                    updated: number;
                                    unchanged: number;
                                    superseded: number;
                                    removed: number;
                                    restored: number;
                                    held: number;
                                    unconfirmed: number;
                                    quarantined: number;
                                    snapshots: number;
                                    unavailable: number;
                                    stale: number;
                                };
                            }[];
                            requests: number;
                            billedItems: number;
                            cost: number | null;
                            currency: string | null;
                            error: {
                                code: string;
                                message: string;
                                hint: string | null;
                                /** @enum {string} */
                                verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                                retryAt?: string;
                            } | null;
                            notes: string[];
                            progress: {
                                processed: number;
                                total: number | null;
                                percent: number | null;
                                rate: number;
                                etaSeconds: number | null;
                                streams: {
                                    stream: string;
                                    processed: number;
                                    total: number | null;
                                    inserted: number;
                                    unchanged: number;
                                }[];
                            } | null;
                        } | null;
                        lastRun: {
                            id: string;
                            project: string;
                            connection: string;
                            /** @enum {string} */
                            mode: "auto" | "full" | "refresh" | "upload";
                            /** @enum {string} */
                            status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                            startedAt: string;
                            finishedAt: string | null;
                            streams: {
                                stream: string;
                                passes: {
                                    /** @enum {string} */
                                    pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                    ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                    pages: number;
                                    requests: number;
                                }[];
                                counts: {
                                    fetched: number;
                                    inserted: number;
                                    updated: number;
                                    unchanged: number;
                                    superseded: number;
                                    removed: number;
                                    restored: number;
                                    held: number;
                                    unconfirmed: number;
                                    quarantined: number;
                                    snapshots: number;
                                    unavailable: number;
                                    stale: number;
                                };
                            }[];
                            requests: number;
                            billedItems: number;
                            cost: number | null;
                            currency: string | null;
                            error: {
                                code: string;
                                message: string;
                                hint: string | null;
                                /** @enum {string} */
                                verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                                retryAt?: string;
                            } | null;
                            notes: string[];
                            progress: {
                                processed: number;
                                total: number | null;
                                percent: number | null;
                                rate: number;
                                etaSeconds: number | null;
                                streams: {
                                    stream: string;
                                    processed: number;
                                    total: number | null;
                                    inserted: number;
                                    unchanged: number;
                                }[];
                            } | null;
                        } | null;
                        nextRunAt: string | null;
                        /** @enum {string} */
                        health: "bad" | "busy" | "warn" | "idle" | "good";
                        todo: {
                            /** @enum {string} */
                            what: "login" | "connect" | "resume" | "purge" | "failed" | "unavailable" | "incomplete" | "removals" | "quarantine";
                            stream: string | null;
                            message: string;
                            command: string | null;
                        }[];
                        schedules: {
                            stream: string | null;
                            schedule: string;
                            timezone: string;
                            quietHours: string | null;
                            nextRunAt: string | null;
                            lastRunAt: string | null;
                            streams: string[];
                        }[];
                        states: {
                            stream: string;
                            lastRunAt: string | null;
                            lastSuccessAt: string | null;
                            lastFullAt: string | null;
                            runsSinceFull: number;
                            lastRecordAt: string | null;
                            lastMode: string | null;
                            lastRecords: number | null;
                            totalRecords: number;
                            nextRunAt: string | null;
                            coverage: {
                                /** @enum {string} */
                                kind: "unavailable" | "gap" | "unread" | "quarantined" | "held" | "stale" | "unproved" | "capped" | "complete";
                                note: string;
                            };
                            held: number;
                            quarantined: number;
                            unconfirmed: number;
                            metrics: string[];
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteConnectionsId: {
        parameters: {
            query?: {
                purge?: boolean;
            };
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        purged: boolean;
                        secrets?: number;
                        rows?: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchConnectionsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description what this connection is called from now on */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description options of the connector, secret ones too */
                    options?: {
                        [key: string]: unknown;
                    };
                    /** @description ask the service once whether it takes the login */
                    check?: boolean;
                    /** @description pause or resume the connection */
                    paused?: boolean;
                };
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        connector: string;
                        project: string;
                        options: {
                            [key: string]: unknown;
                        };
                        paused: string[];
                        standing: {
                            /** @enum {string} */
                            state: "on" | "paused" | "login needed" | "disconnected" | "purging";
                            why: string | null;
                            mend: string | null;
                        };
                        streams: string[];
                        webhookUrl: string;
                        createdAt: string;
                        totals: {
                            [key: string]: number;
                        };
                        activeRun: {
                            id: string;
                            project: string;
                            connection: string;
                            /** @enum {string} */
                            mode: "auto" | "full" | "refresh" | "upload";
                            /** @enum {string} */
                            status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                            startedAt: string;
                            finishedAt: string | null;
                            streams: {
                                stream: string;
                                passes: {
                                    /** @enum {string} */
                                    pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                    ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                    pages: number;
                                    requests: number;
                                }[];
                                counts: {
                                    fetched: number;
                                    inserted: number;
                                    updated: number;
                                    unchanged: number;
                                    superseded: number;
                                    removed: number;
                                    restored: number;
                                    held: number;
                                    unconfirmed: number;
                                    quarantined: number;
                                    snapshots: number;
                                    unavailable: number;
                                    stale: number;
                                };
                            }[];
                            requests: number;
                            billedItems: number;
                            cost: number | null;
                            currency: string | null;
                            error: {
                                code: string;
                                message: string;
                                hint: string | null;
                                /** @enum {string} */
                                verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                                retryAt?: string;
                            } | null;
                            notes: string[];
                            progress: {
                                processed: number;
                                total: number | null;
                                percent: number | null;
                                rate: number;
                                etaSeconds: number | null;
                                streams: {
                                    stream: string;
                                    processed: number;
                                    total: number | null;
                                    inserted: number;
                                    unchanged: number;
                                }[];
                            } | null;
                        } | null;
                        lastRun: {
                            id: string;
                            project: string;
                            connection: string;
                            /** @enum {string} */
                            mode: "auto" | "full" | "refresh" | "upload";
                            /** @enum {string} */
                            status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                            startedAt: string;
                            finishedAt: string | null;
                            streams: {
                                stream: string;
                                passes: {
                                    /** @enum {string} */
                                    pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                    ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                    pages: number;
                                    requests: number;
                                }[];
                                counts: {
                                    fetched: number;
                                    inserted: number;
                                    updated: number;
                                    unchanged: number;
                                    superseded: number;
                                    removed: number;
                                    restored: number;
                                    held: number;
                                    unconfirmed: number;
                                    quarantined: number;
                                    snapshots: number;
                                    unavailable: number;
                                    stale: number;
                                };
                            }[];
                            requests: number;
                            billedItems: number;
                            cost: number | null;
                            currency: string | null;
                            error: {
                                code: string;
                                message: string;
                                hint: string | null;
                                /** @enum {string} */
                                verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                                retryAt?: string;
                            } | null;
                            notes: string[];
                            progress: {
                                processed: number;
                                total: number | null;
                                percent: number | null;
                                rate: number;
                                etaSeconds: number | null;
                                streams: {
                                    stream: string;
                                    processed: number;
                                    total: number | null;
                                    inserted: number;
                                    unchanged: number;
                                }[];
                            } | null;
                        } | null;
                        nextRunAt: string | null;
                        /** @enum {string} */
                        health: "bad" | "busy" | "warn" | "idle" | "good";
                        todo: {
                            /** @enum {string} */
                            what: "login" | "connect" | "resume" | "purge" | "failed" | "unavailable" | "incomplete" | "removals" | "quarantine";
                            stream: string | null;
                            message: string;
                            command: string | null;
                        }[];
                        schedules: {
                            stream: string | null;
                            schedule: string;
                            timezone: string;
                            quietHours: string | null;
                            nextRunAt: string | null;
                            lastRunAt: string | null;
                            streams: string[];
                        }[];
                        states: {
                            stream: string;
                            lastRunAt: string | null;
                            lastSuccessAt: string | null;
                            lastFullAt: string | null;
                            runsSinceFull: number;
                            lastRecordAt: string | null;
                            lastMode: string | null;
                            lastRecords: number | null;
                            totalRecords: number;
                            nextRunAt: string | null;
                            coverage: {
                                /** @enum {string} */
                                kind: "unavailable" | "gap" | "unread" | "quarantined" | "held" | "stale" | "unproved" | "capped" | "complete";
                                note: string;
                            };
                            held: number;
                            quarantined: number;
                            unconfirmed: number;
                            metrics: string[];
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postConnectionsIdCheck: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        outcome: "ok" | "refused" | "wrong" | "unreachable" | "unclear" | "skipped";
                        account: string | null;
                        requestsLeft: number | null;
                        error: {
                            code: string;
                            message: string;
                            hint: string | null;
                            /** @enum {string} */
                            verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                            retryAt?: string;
                        } | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdCoverage: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        coverage: {
                            stream: string;
                            intervals: {
                                /** @enum {string} */
                                kind: "read" | "gap";
                                from: string | null;
                                to: string;
                                note: string;
                            }[] | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdPlan: {
        parameters: {
            query?: {
                /** @description names of streams (default: all) */
                streams?: string[];
                /** @description auto: what is due; full: everything is listed, and a full pass notices removals; refresh: only known records, by key */
                mode?: "auto" | "full" | "refresh";
                /** @description the most requests that all connections together may make; the rest is left to the next sync */
                maxRequests?: number;
                /** @description the most that all connections together may cost; the rest is left to the next sync */
                maxCost?: number;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connection: string;
                        /** @enum {string} */
                        mode: "auto" | "full" | "refresh" | "upload";
                        paused: string[];
                        streams: {
                            stream: string;
                            passes: {
                                /** @enum {string} */
                                pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                why: string;
                                requests: number | null;
                            }[];
                            removalsAtRisk: number;
                            removalsHeld: number;
                        }[];
                        requests: number | null;
                        fits: number | null;
                        stop: {
                            code: string;
                            message: string;
                            hint: string | null;
                            /** @enum {string} */
                            verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                            retryAt?: string;
                            until: string | null;
                            needs: number | null;
                        } | null;
                        waitMs: number;
                        paid: boolean;
                        cost: number | null;
                        currency: string | null;
                        costNote: string | null;
                        budgets: {
                            /** @enum {string} */
                            scope: "connection" | "connector";
                            name: string;
                            requests: {
                                max: number;
                                per: string;
                                spent: number;
                            } | null;
                            cost: {
                                max: number;
                                per: string;
                                spent: number;
                            } | null;
                            currency: string | null;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postConnectionsIdRuns: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description names of streams (default: all) */
                    streams?: string[];
                    /**
                     * @description auto: what is due; full: everything is listed, and a full pass notices removals; refresh: only known records, by key (default: auto)
                     * @enum {string}
                     */
                    mode?: "auto" | "full" | "refresh";
                    /** @description only what matches at the source (value,value for any of them; may be repeated); removes nothing */
                    where?: {
                        [key: string]: string[];
                    };
                    /** @description read again from this time on */
                    since?: string | number;
                    /** @description read again up to this time (neither moves the cursor) */
                    until?: string | number;
                    /** @description the most requests that all connections together may make; the rest is left to the next sync */
                    maxRequests?: number;
                    /** @description the most that all connections together may cost; the rest is left to the next sync */
                    maxCost?: number;
                };
            };
        };
        responses: {
            /** @description a run that is under way already and does all that is asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        connection: string;
                        /** @enum {string} */
                        mode: "auto" | "full" | "refresh" | "upload";
                        /** @enum {string} */
                        status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                        startedAt: string;
                        finishedAt: string | null;
                        streams: {
                            stream: string;
                            passes: {
                                /** @enum {string} */
                                pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                pages: number;
                                requests: number;
                            }[];
                            counts: {
                                fetched: number;
                                inserted: number;
                                updated: number;
                                unchanged: number;
                                superseded: number;
                                removed: number;
                                restored: number;
                                held: number;
                                unconfirmed: number;
                                quarantined: number;
                                snapshots: number;
                                unavailable: number;
                                stale: number;
                            };
                        }[];
                        requests: number;
                        billedItems: number;
                        cost: number | null;
                        currency: string | null;
                        error: {
                            code: string;
                            message: string;
                            hint: string | null;
                            /** @enum {string} */
                            verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                            retryAt?: string;
                        } | null;
                        notes: string[];
                        progress: {
                            processed: number;
                            total: number | null;
                            percent: number | null;
                            rate: number;
                            etaSeconds: number | null;
                            streams: {
                                stream: string;
                                processed: number;
                                total: number | null;
                                inserted: number;
                                unchanged: number;
                            }[];
                        } | null;
                    };
                };
            };
            /** @description done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        connection: string;
                        /** @enum {string} */
                        mode: "auto" | "full" | "refresh" | "upload";
                        /** @enum {string} */
                        status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                        startedAt: string;
                        finishedAt: string | null;
                        streams: {
                            stream: string;
                            passes: {
                                /** @enum {string} */
                                pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                pages: number;
                                requests: number;
                            }[];
                            counts: {
                                fetched: number;
                                inserted: number;
                                updated: number;
                                unchanged: number;
                                superseded: number;
                                removed: number;
                                restored: number;
                                held: number;
                                unconfirmed: number;
                                quarantined: number;
                                snapshots: number;
                                unavailable: number;
                                stale: number;
                            };
                        }[];
                        requests: number;
                        billedItems: number;
                        cost: number | null;
                        currency: string | null;
                        error: {
                            code: string;
                            message: string;
                            hint: string | null;
                            /** @enum {string} */
                            verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                            retryAt?: string;
                        } | null;
                        notes: string[];
                        progress: {
                            processed: number;
                            total: number | null;
                            percent: number | null;
                            rate: number;
                            etaSeconds: number | null;
                            streams: {
                                stream: string;
                                processed: number;
                                total: number | null;
                                inserted: number;
                                unchanged: number;
                            }[];
                        } | null;
                    } | {
                        id: null;
                        connection: string;
                        /** @constant */
                        status: "queued";
                        order: string;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOrdersId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of an order, as it was answered */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        order: string | null;
                        connection: string;
                        /** @enum {string} */
                        status: "queued" | "begun" | "joined" | "ended";
                        run: {
                            id: string;
                            project: string;
                            connection: string;
                            /** @enum {string} */
                            mode: "auto" | "full" | "refresh" | "upload";
                            /** @enum {string} */
                            status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                            startedAt: string;
                            finishedAt: string | null;
                            streams: {
                                stream: string;
                                passes: {
                                    /** @enum {string} */
                                    pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                    ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                    pages: number;
                                    requests: number;
                                }[];
                                counts: {
                                    fetched: number;
                                    inserted: number;
                                    updated: number;
                                    unchanged: number;
                                    superseded: number;
                                    removed: number;
                                    restored: number;
                                    held: number;
                                    unconfirmed: number;
                                    quarantined: number;
                                    snapshots: number;
                                    unavailable: number;
                                    stale: number;
                                };
                            }[];
                            requests: number;
                            billedItems: number;
                            cost: number | null;
                            currency: string | null;
                            error: {
                                code: string;
                                message: string;
                                hint: string | null;
                                /** @enum {string} */
                                verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                                retryAt?: string;
                            } | null;
                            notes: string[];
                            progress: {
                                processed: number;
                                total: number | null;
                                percent: number | null;
                                rate: number;
                                etaSeconds: number | null;
                                streams: {
                                    stream: string;
                                    processed: number;
                                    total: number | null;
                                    inserted: number;
                                    unchanged: number;
                                }[];
                            } | null;
                        } | null;
                        error: {
                            code: string;
                            message: string;
                            hint: string | null;
                            /** @enum {string} */
                            verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                            retryAt?: string;
                        } | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdSchedule: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        schedules: {
                            stream: string | null;
                            schedule: string;
                            timezone: string;
                            quietHours: string | null;
                            nextRunAt: string | null;
                            lastRunAt: string | null;
                            streams: string[];
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putConnectionsIdSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description every 15m, cron 0 3 * * * (five fields), adaptive (as it changes), or off */
                    spec: string;
                    /** @description one of its streams, which then has a schedule of its own */
                    stream?: string;
                    /** @description for times of a day: an IANA name (default: the project’s) */
                    timezone?: string;
                    /** @description no scheduled run starts within, such as 08:00-20:00 or 22:00-06:00 */
                    quietHours?: string;
                };
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        schedules: {
                            stream: string | null;
                            schedule: string;
                            timezone: string;
                            quietHours: string | null;
                            nextRunAt: string | null;
                            lastRunAt: string | null;
                            streams: string[];
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRuns: {
        parameters: {
            query?: {
                /** @description only those of this connection */
                connection?: string;
                /** @description only those that are running, succeeded, incomplete, failed, paused, cancelled (may be several) */
                status?: string[];
                /** @description only those of the mode auto, full, refresh, upload (may be several) */
                mode?: string[];
                /** @description only those that began at this time or later */
                since?: string;
                /** @description only those that began before this time */
                until?: string;
                /** @description only those that a person should look at: incomplete, failed, paused */
                problems?: boolean;
                batch?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        runs: {
                            id: string;
                            project: string;
                            connection: string;
                            /** @enum {string} */
                            mode: "auto" | "full" | "refresh" | "upload";
                            /** @enum {string} */
                            status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                            startedAt: string;
                            finishedAt: string | null;
                            streams: {
                                stream: string;
                                passes: {
                                    /** @enum {string} */
                                    pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                    ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                    pages: number;
                                    requests: number;
                                }[];
                                counts: {
                                    fetched: number;
                                    inserted: number;
                                    updated: number;
                                    unchanged: number;
                                    superseded: number;
                                    removed: number;
                                    restored: number;
                                    held: number;
                                    unconfirmed: number;
                                    quarantined: number;
                                    snapshots: number;
                                    unavailable: number;
                                    stale: number;
                                };
                            }[];
                            requests: number;
                            billedItems: number;
                            cost: number | null;
                            currency: string | null;
                            error: {
                                code: string;
                                message: string;
                                hint: string | null;
                                /** @enum {string} */
                                verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                                retryAt?: string;
                            } | null;
                            notes: string[];
                            progress: {
                                processed: number;
                                total: number | null;
                                percent: number | null;
                                rate: number;
                                etaSeconds: number | null;
                                streams: {
                                    stream: string;
                                    processed: number;
                                    total: number | null;
                                    inserted: number;
                                    unchanged: number;
                                }[];
                            } | null;
                        }[];
                        nextCursor: string | null;
                    } | {
                        batch: string;
                        finished: boolean;
                        success: boolean;
                        totalProjects: number;
                        successCount: number;
                        errorCount: number;
                        results: {
                            project: string;
                            totalRecords: number;
                            updatedCount: number;
                            snapshotCount: number;
                            errors: string[];
                            timestamp: string;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postRuns: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description auto: what is due; full: everything is listed, and a full pass notices removals; refresh: only known records, by key (default: auto)
                     * @enum {string}
                     */
                    mode?: "auto" | "full" | "refresh";
                    /** @description the most requests that all connections together may make; the rest is left to the next sync */
                    maxRequests?: number;
                    /** @description the most that all connections together may cost; the rest is left to the next sync */
                    maxCost?: number;
                    /** @description answer when all runs have ended */
                    wait?: boolean;
                    /** @description another project, or all */
                    project?: string;
                };
            };
        };
        responses: {
            /** @description with wait: all runs have ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        batch: string;
                        finished: boolean;
                        success: boolean;
                        totalProjects: number;
                        successCount: number;
                        errorCount: number;
                        results: {
                            project: string;
                            totalRecords: number;
                            updatedCount: number;
                            snapshotCount: number;
                            errors: string[];
                            timestamp: string;
                        }[];
                    };
                };
            };
            /** @description done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        batch: string;
                        finished: boolean;
                        success: boolean;
                        totalProjects: number;
                        successCount: number;
                        errorCount: number;
                        results: {
                            project: string;
                            totalRecords: number;
                            updatedCount: number;
                            snapshotCount: number;
                            errors: string[];
                            timestamp: string;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRunsId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a run, from the list of runs */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        connection: string;
                        /** @enum {string} */
                        mode: "auto" | "full" | "refresh" | "upload";
                        /** @enum {string} */
                        status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                        startedAt: string;
                        finishedAt: string | null;
                        streams: {
                            stream: string;
                            passes: {
                                /** @enum {string} */
                                pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                pages: number;
                                requests: number;
                            }[];
                            counts: {
                                fetched: number;
                                inserted: number;
                                updated: number;
                                unchanged: number;
                                superseded: number;
                                removed: number;
                                restored: number;
                                held: number;
                                unconfirmed: number;
                                quarantined: number;
                                snapshots: number;
                                unavailable: number;
                                stale: number;
                            };
                        }[];
                        requests: number;
                        billedItems: number;
                        cost: number | null;
                        currency: string | null;
                        error: {
                            code: string;
                            message: string;
                            hint: string | null;
                            /** @enum {string} */
                            verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                            retryAt?: string;
                        } | null;
                        notes: string[];
                        progress: {
                            processed: number;
                            total: number | null;
                            percent: number | null;
                            rate: number;
                            etaSeconds: number | null;
                            streams: {
                                stream: string;
                                processed: number;
                                total: number | null;
                                inserted: number;
                                unchanged: number;
                            }[];
                        } | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRunsIdLog: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description the id of a run, from the list of runs */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        log: {
                            /** @enum {string} */
                            kind: "begun" | "request" | "note" | "error" | "ended";
                            at: string | null;
                            stream: string | null;
                            text: string;
                            request: {
                                method: string;
                                url: string;
                                status: number;
                                bytes: number;
                                ms: number;
                                attempt: number;
                                outcome: string;
                                billedItems: number;
                                page: number | null;
                            } | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postRunsIdCancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a run, from the list of runs */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description false: the run is over already */
                        cancelled: boolean;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRunsIdEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description the id of the last event that was heard: what came after it is told */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @description the id of a run, from the list of runs */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description the id of the last event that was heard: what came after it is told */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdStreamsStreamRecords: {
        parameters: {
            query?: {
                /** @description only these columns, in this order */
                columns?: string[];
                /** @description order by this column instead of by key */
                order?: string;
                /** @description only records with this value in a column; also column!=, >=, <=, and ~= for a part of its text; _any~= looks in every column of text; A,B and open as in a sync (may be repeated) */
                where?: string[];
                /** @description the records that the source no longer has, instead of the live ones */
                removed?: boolean;
                /** @description as they were at this time */
                asOf?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        records: ({
                            _key: string;
                        } & {
                            [key: string]: unknown;
                        })[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdStreamsStreamOutline: {
        parameters: {
            query?: {
                /** @description in the order of this column instead of by key */
                order?: string;
                /** @description only records with this value in a column; also column!=, >=, <=, and ~= for a part of its text; _any~= looks in every column of text; A,B and open as in a sync (may be repeated) */
                where?: string[];
                /** @description the records that the source no longer has, instead of the live ones */
                removed?: boolean;
                /** @description as they were at this time */
                asOf?: string;
                /** @description a place for every so many records */
                every?: number;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        total: number;
                        every: number;
                        columns: {
                            name: string;
                            /** @enum {string} */
                            type: "text" | "integer" | "real" | "boolean" | "json";
                        }[];
                        metrics: string[];
                        cursors: string[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdStreamsStreamExport: {
        parameters: {
            query?: {
                /** @description only these columns, in this order */
                columns?: string[];
                /** @description order by this column instead of by key */
                order?: string;
                /** @description only records with this value in a column; also column!=, >=, <=, and ~= for a part of its text; _any~= looks in every column of text; A,B and open as in a sync (may be repeated) */
                where?: string[];
                /** @description the records that the source no longer has, instead of the live ones */
                removed?: boolean;
                /** @description as they were at this time */
                asOf?: string;
                format?: "json" | "jsonl" | "csv" | "tsv";
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdStreamsStreamRecordsKey: {
        parameters: {
            query?: {
                /** @description only these columns, in this order */
                columns?: string[];
                /** @description the records that the source no longer has, instead of the live ones */
                removed?: boolean;
                /** @description as they were at this time */
                asOf?: string;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        _key: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdStreamsStreamRecordsKeyVersions: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
                /** @description the key of a record */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        versions: ({
                            ordinal: number;
                            op: string;
                            at: string;
                            reason: string | null;
                            run: string | null;
                            page: number | null;
                            columns: {
                                [key: string]: unknown;
                            };
                        } & {
                            [key: string]: unknown;
                        })[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdStreamsStreamRecordsKeyExplain: {
        parameters: {
            query?: {
                /** @description only what concerns this field */
                field?: string;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
                /** @description the key of a record */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connection: string;
                        connector: string;
                        stream: string;
                        key: string;
                        field: string | null;
                        /** @enum {string} */
                        state: "live" | "removed";
                        versions: ({
                            ordinal: number;
                            op: string;
                            at: string;
                            rule: {
                                name: string;
                                says: string;
                            };
                            run: string | null;
                            page: number | null;
                            reason: string | null;
                            source: ({
                                connector: string;
                                mode: string;
                            } & {
                                [key: string]: unknown;
                            }) | null;
                            changes: {
                                field: string;
                                before: unknown;
                                after: unknown;
                            }[];
                        } & {
                            [key: string]: unknown;
                        })[];
                        blended?: {
                            [key: string]: {
                                value: string | number | boolean;
                                rule: string;
                                at: string;
                                source: string | null;
                                key: string | null;
                                column: string | null;
                            };
                        };
                        notes?: string[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdStreamsStreamMetrics: {
        parameters: {
            query: {
                /** @description the key of a record (default: the total of the stream) */
                key?: string;
                /** @description which column */
                metric: string;
                /** @description a point for each run, or for each day */
                by?: "run" | "day";
                /** @description only points from this time on */
                since?: string;
                /** @description IANA name of the zone whose days are counted */
                timezone?: string;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        points: {
                            at?: string;
                            run?: string;
                            day?: string;
                            value: number | unknown | string;
                            /** @constant */
                            partial?: true;
                        }[];
                        growth: {
                            "24h": (number | unknown | string) | null;
                            "30d": (number | unknown | string) | null;
                        };
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdStreamsStreamMovers: {
        parameters: {
            query: {
                /** @description which column */
                metric: string;
                /** @description since when */
                since?: string;
                /** @description what counts: the change, or that in percent of what was */
                by?: "change" | "percent";
                /** @description how many, at most */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        movers: {
                            key: string;
                            title: string | null;
                            from: {
                                value: number | unknown | string;
                                at: string;
                            };
                            to: {
                                value: number | unknown | string;
                                at: string;
                            };
                            change: number | unknown | string;
                            percent: number | null;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postConnectionsIdStreamsStreamUploads: {
        parameters: {
            query?: {
                /** @description the name of the file, where it has another one here */
                name?: string;
                /** @description tell what would change, and change nothing */
                dryRun?: boolean;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the name of a stream */
                stream: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                };
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string | null;
                        project: string;
                        connection: string;
                        /** @enum {string} */
                        mode: "auto" | "full" | "refresh" | "upload";
                        /** @enum {string} */
                        status: "running" | "succeeded" | "incomplete" | "failed" | "paused" | "cancelled";
                        startedAt: string;
                        finishedAt: string | null;
                        streams: {
                            stream: string;
                            passes: {
                                /** @enum {string} */
                                pass: "byCursor" | "newestFirst" | "fullPass" | "refresh" | "summary" | "blend" | "upload";
                                ended: ("exhausted" | "met-anchored" | "limit" | "budget" | "cancelled" | "failed") | null;
                                pages: number;
                                requests: number;
                            }[];
                            counts: {
                                fetched: number;
                                inserted: number;
                                updated: number;
                                unchanged: number;
                                superseded: number;
                                removed: number;
                                restored: number;
                                held: number;
                                unconfirmed: number;
                                quarantined: number;
                                snapshots: number;
                                unavailable: number;
                                stale: number;
                            };
                        }[];
                        requests: number;
                        billedItems: number;
                        cost: number | null;
                        currency: string | null;
                        error: {
                            code: string;
                            message: string;
                            hint: string | null;
                            /** @enum {string} */
                            verdict: "retry" | "wait" | "pause" | "skip" | "stop" | "yield";
                            retryAt?: string;
                        } | null;
                        notes: string[];
                        progress: {
                            processed: number;
                            total: number | null;
                            percent: number | null;
                            rate: number;
                            etaSeconds: number | null;
                            streams: {
                                stream: string;
                                processed: number;
                                total: number | null;
                                inserted: number;
                                unchanged: number;
                            }[];
                        } | null;
                        dryRun: boolean;
                        diff: {
                            /** @enum {string} */
                            age: "first" | "newer" | "same" | "older" | "undated";
                            rows: number;
                            newest: string | number | null;
                            previous: string | number | null;
                            known: number;
                            inserted: string[];
                            updated: string[];
                            restored: string[];
                            removed: string[];
                            held: string[];
                            heldReason: string | null;
                            unreadable: {
                                key: string | null;
                                code: string;
                                message: string;
                                raw: string;
                            }[];
                        } | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdImage: {
        parameters: {
            query: {
                /** @description the name of a stream */
                stream: string;
                /** @description the key of a record */
                key: string;
                /** @description the column with the address (default: the first such as poster_url) */
                column?: string;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": string;
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdCatalog: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description the caller has it already */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdCatalogs: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        catalogs: {
                            n: number;
                            at: string;
                            run: string;
                            bytes: number;
                            totals: {
                                [key: string]: number;
                            };
                            newItemsAdded: number;
                            added: {
                                [key: string]: number;
                            };
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdCatalogsN: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description its number */
                n: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description the caller has it already */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnectionsIdCatalogsADiffB: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a connection */
                id: string;
                /** @description the number of the earlier catalog */
                a: number;
                /** @description the number of the later one */
                b: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        from: number;
                        to: number;
                        streams: {
                            [key: string]: {
                                added: ({
                                    _key: string;
                                } & {
                                    [key: string]: unknown;
                                })[];
                                removed: ({
                                    _key: string;
                                } & {
                                    [key: string]: unknown;
                                })[];
                                changed: {
                                    _key: string;
                                    before: {
                                        [key: string]: unknown;
                                    };
                                    after: {
                                        [key: string]: unknown;
                                    };
                                }[];
                            };
                        };
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getChanges: {
        parameters: {
            query?: {
                /** @description only changes after this cursor; now: only changes from this moment on */
                after?: string;
                wait?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getActivity: {
        parameters: {
            query?: {
                /** @description only those of this connection */
                connection?: string;
                /** @description only those of streams of this name */
                stream?: string;
                /** @description only what was inserted, updated, restored or removed */
                op?: "insert" | "update" | "restore" | "remove";
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        activity: {
                            seq: number;
                            at: string;
                            connection: string;
                            stream: string;
                            key: string;
                            title: string | null;
                            /** @enum {string} */
                            op: "insert" | "update" | "restore" | "remove";
                            run: string | null;
                            ordinal: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSearch: {
        parameters: {
            query: {
                /** @description the words to look for */
                q: string;
                /** @description only those of this connection */
                connection?: string;
                /** @description only records that have changed since this time */
                since?: string;
                /** @description records that the source no longer has, instead of the live ones */
                removed?: boolean;
                /** @description look for what the text means as well, whatever words the records have for it */
                semantic?: boolean;
                /** @description how many, at most */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: {
                            connection: string;
                            stream: string;
                            key: string;
                            title: string;
                            snippet: string;
                            score: number;
                        }[];
                        waiting: number;
                        notice: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postSql: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description a statement that reads */
                    sql: string;
                    /** @description rows, at most (default: 100000) */
                    limit?: number;
                    /** @description seconds that it may take (default: 30) */
                    timeout?: number;
                };
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        columns: string[];
                        rows: {
                            [key: string]: unknown;
                        }[];
                        truncated: boolean;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTables: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tables: {
                            table: string;
                            what: string;
                            rows: number | null;
                            columns: string[];
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBlends: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        blends: {
                            name: string;
                            table: string;
                            from: string[];
                            map: {
                                [key: string]: string[];
                            };
                            fields: {
                                name: string;
                                type: string;
                                rule: string;
                            }[];
                            sources: {
                                source: string;
                                /** @enum {string} */
                                state: "ok" | "failing" | "paused" | "unread" | "gone";
                                lastSuccessAt: string | null;
                                error: string | null;
                                missing: string[];
                            }[];
                            records: number;
                            blendedAt: string | null;
                            notes: string[];
                            unmatched: {
                                source: string;
                                sourceKey: string;
                                identity: string | null;
                            }[];
                            unmatchedCount: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postBlends: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description the name of a blend */
                    name: string;
                    /** @description a stream, as <connection>/<stream>[:identity column] or <connector>:*\/<stream> (may be repeated) */
                    from: string[];
                    /** @description how a field is chosen (may be repeated) */
                    rule?: {
                        [key: string]: string;
                    };
                    /** @description another name for a column (may be repeated) */
                    map?: {
                        [key: string]: string | string[];
                    };
                };
            };
        };
        responses: {
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        table: string;
                        from: string[];
                        map: {
                            [key: string]: string[];
                        };
                        fields: {
                            name: string;
                            type: string;
                            rule: string;
                        }[];
                        sources: {
                            source: string;
                            /** @enum {string} */
                            state: "ok" | "failing" | "paused" | "unread" | "gone";
                            lastSuccessAt: string | null;
                            error: string | null;
                            missing: string[];
                        }[];
                        records: number;
                        blendedAt: string | null;
                        notes: string[];
                        unmatched: {
                            source: string;
                            sourceKey: string;
                            identity: string | null;
                        }[];
                        unmatchedCount: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBlendsName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the name of a blend */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        table: string;
                        from: string[];
                        map: {
                            [key: string]: string[];
                        };
                        fields: {
                            name: string;
                            type: string;
                            rule: string;
                        }[];
                        sources: {
                            source: string;
                            /** @enum {string} */
                            state: "ok" | "failing" | "paused" | "unread" | "gone";
                            lastSuccessAt: string | null;
                            error: string | null;
                            missing: string[];
                        }[];
                        records: number;
                        blendedAt: string | null;
                        notes: string[];
                        unmatched: {
                            source: string;
                            sourceKey: string;
                            identity: string | null;
                        }[];
                        unmatchedCount: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteBlendsName: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the name of a blend */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description how many rows were deleted */
                        deleted: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchBlendsNameRecordsKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the name of a blend */
                name: string;
                /** @description the key of a record: its identity, in any spelling */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description values by field; null unsets one */
                    values: {
                        [key: string]: string | number | boolean | null;
                    };
                };
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        blend: string;
                        key: string;
                        fields: {
                            [key: string]: {
                                value: string | number | boolean;
                                rule: string;
                                at: string;
                                source: string | null;
                                key: string | null;
                                column: string | null;
                            };
                        };
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBudgets: {
        parameters: {
            query?: {
                /** @description only those that its runs draw on: its own and that of its connector */
                connection?: string;
                /** @description only those of connections, or of connectors */
                scope?: "connection" | "connector";
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        budgets: {
                            /** @enum {string} */
                            scope: "connection" | "connector";
                            name: string;
                            requests: {
                                max: number;
                                per: string;
                                spent: number;
                            } | null;
                            cost: {
                                max: number;
                                per: string;
                                spent: number;
                            } | null;
                            currency: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putBudgetsName: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description a connection’s id, or a connector’s name */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description such as 500/hour; "off" for no limit */
                    requests?: string | {
                        max: number;
                        perMs: number;
                    } | null;
                    /** @description such as 2.50/day; "off" for no limit */
                    cost?: string | {
                        max: number;
                        perMs: number;
                    } | null;
                    /**
                     * @description whose budget it is, where a connection and a connector have the same name
                     * @enum {string}
                     */
                    scope?: "connection" | "connector";
                };
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        scope: "connection" | "connector";
                        name: string;
                        requests: {
                            max: number;
                            per: string;
                            spent: number;
                        } | null;
                        cost: {
                            max: number;
                            per: string;
                            spent: number;
                        } | null;
                        currency: string | null;
                    } | {
                        scope: string;
                        name: string;
                        requests: null;
                        cost: null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRemovals: {
        parameters: {
            query?: {
                /** @description only those of this connection */
                connection?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        removals: {
                            run: string;
                            connection: string;
                            stream: string;
                            at: string;
                            held: number;
                            removed: number;
                            kept: number;
                            unconfirmed: number;
                            reason: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postRemovalsIdApprove: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a run, from the list of runs */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: string;
                        /** @enum {string} */
                        verdict: "approve" | "reject" | "undo";
                        streams: {
                            connection: string;
                            stream: string;
                            records: number;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postRemovalsIdReject: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a run, from the list of runs */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: string;
                        /** @enum {string} */
                        verdict: "approve" | "reject" | "undo";
                        streams: {
                            connection: string;
                            stream: string;
                            records: number;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postRemovalsIdUndo: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a run, from the list of runs */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: string;
                        /** @enum {string} */
                        verdict: "approve" | "reject" | "undo";
                        streams: {
                            connection: string;
                            stream: string;
                            records: number;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getQuarantine: {
        parameters: {
            query?: {
                /** @description only those of this connection */
                connection?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        quarantine: {
                            connection: string;
                            stream: string;
                            id: string;
                            key: string | null;
                            code: string;
                            message: string;
                            run: string | null;
                            page: number;
                            position: number;
                            firstAt: string;
                            at: string;
                            supersededAt: string | null;
                            times: number;
                            raw: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postQuarantineRetry: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description only those of this connection */
                    connection?: string;
                };
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        released: number;
                        remaining: {
                            connection: string;
                            stream: string;
                            key: string | null;
                            code: string;
                            id: string;
                            message: string;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getGaps: {
        parameters: {
            query?: {
                /** @description only those of this connection */
                connection?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        gaps: ({
                            connection: string;
                            stream: string;
                        } & {
                            [key: string]: unknown;
                        })[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAudit: {
        parameters: {
            query?: {
                /** @description the id of a connection (default: all of the project) */
                connection?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        findings: {
                            finding: string;
                            /** @enum {string} */
                            severity: "problem" | "suspicion" | "notice";
                            connection: string;
                            stream: string | null;
                            message: string;
                            hint: string | null;
                        }[];
                        problems: number;
                        suspicions: number;
                        notices: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "getAudit-log": {
        parameters: {
            query?: {
                /** @description only those of this connection */
                connection?: string;
                /** @description only those since this time */
                since?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deeds: {
                            at: string;
                            who: string;
                            operation: string;
                            connection: string | null;
                            given: {
                                [key: string]: unknown;
                            };
                            outcome: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWorkers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        workers: {
                            id: string;
                            host: string;
                            pid: number;
                            startedAt: string;
                            seenAt: string;
                            running: number;
                            together: number;
                        }[];
                        queue: {
                            due: number;
                            dueSince: string | null;
                            ordered: number;
                            running: number;
                        };
                        limits: {
                            key: string;
                            capacity: number | null;
                            perMs: number | null;
                            left: number | null;
                            waiting: number;
                            blockedUntil: string | null;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhooks: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        webhooks: {
                            id: string;
                            project: string;
                            url: string;
                            events: ("run.finished" | "run.failed" | "run.paused" | "removals.held" | "budget.reached")[];
                            note: string;
                            allowPrivateNetwork: boolean;
                            createdAt: string;
                            waiting: number;
                            dead: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postWebhooks: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description where it is sent to */
                    url: string;
                    /** @description of what it is told, of run.finished, run.failed, run.paused, removals.held, budget.reached (default: everything) */
                    events?: string[];
                    /** @description what it is for */
                    note?: string;
                    /** @description it may be on this machine or in its networks */
                    allowPrivateNetwork?: boolean;
                };
            };
        };
        responses: {
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        url: string;
                        events: ("run.finished" | "run.failed" | "run.paused" | "removals.held" | "budget.reached")[];
                        note: string;
                        allowPrivateNetwork: boolean;
                        createdAt: string;
                        waiting: number;
                        dead: number;
                        secret: string;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhooksId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a webhook */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        url: string;
                        events: ("run.finished" | "run.failed" | "run.paused" | "removals.held" | "budget.reached")[];
                        note: string;
                        allowPrivateNetwork: boolean;
                        createdAt: string;
                        waiting: number;
                        dead: number;
                        messages: {
                            id: string;
                            event: string;
                            at: string;
                            /** @enum {string} */
                            state: "waiting" | "delivered" | "dead";
                            tries: number;
                            status: number | null;
                            error: string | null;
                            deliveredAt: string | null;
                            nextAt: string | null;
                        }[];
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWebhooksId: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a webhook */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        url: string;
                        events: ("run.finished" | "run.failed" | "run.paused" | "removals.held" | "budget.reached")[];
                        note: string;
                        allowPrivateNetwork: boolean;
                        createdAt: string;
                        waiting: number;
                        dead: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postWebhooksIdTest: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a webhook */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        event: string;
                        at: string;
                        /** @enum {string} */
                        state: "waiting" | "delivered" | "dead";
                        tries: number;
                        status: number | null;
                        error: string | null;
                        deliveredAt: string | null;
                        nextAt: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postWebhooksIdReplay: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a webhook */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description the id of one message (default: all that were given up) */
                    message?: string;
                };
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        webhook: string;
                        replayed: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPushKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        publicKey: string;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPushSubscriptions: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        subscriptions: {
                            id: string;
                            project: string;
                            service: string;
                            note: string;
                            longRun: number;
                            createdAt: string;
                            waiting: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postPushSubscriptions: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description where its push service takes messages for it */
                    endpoint: string;
                    /** @description its public key, in base64url */
                    p256dh: string;
                    /** @description the secret of its messages, in base64url */
                    auth: string;
                    /** @description seconds that a run has to take to be told of for its end alone (default: 20) */
                    longRun?: number;
                    /** @description which browser it is */
                    note?: string;
                };
            };
        };
        responses: {
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        service: string;
                        note: string;
                        longRun: number;
                        createdAt: string;
                        waiting: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deletePushSubscriptionsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a browser */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        service: string;
                        note: string;
                        longRun: number;
                        createdAt: string;
                        waiting: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postPushSubscriptionsIdTest: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a browser */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        event: string;
                        at: string;
                        /** @enum {string} */
                        state: "waiting" | "delivered" | "dead";
                        tries: number;
                        status: number | null;
                        error: string | null;
                        deliveredAt: string | null;
                        nextAt: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        key: string | null;
                        place: string;
                        wanted: string[];
                        dataKeys: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTokens: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tokens: {
                            id: string;
                            project: string;
                            scopes: ("read" | "sync" | "write" | "admin")[];
                            note: string;
                            createdAt: string;
                            expiresAt: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postTokens: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description what it may do, of read, sync, write, admin */
                    scopes: string[];
                    /** @description what it is for */
                    note?: string;
                    /** @description for how long it is in force, such as 90d (default: until revoked) */
                    expires?: string;
                };
            };
        };
        responses: {
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        scopes: ("read" | "sync" | "write" | "admin")[];
                        note: string;
                        createdAt: string;
                        expiresAt: string | null;
                        token: string;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteTokensId: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the id of a token */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        project: string;
                        scopes: ("read" | "sync" | "write" | "admin")[];
                        note: string;
                        createdAt: string;
                        expiresAt: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProjects: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        projects: {
                            id: string;
                            timezone: string;
                            createdAt: string;
                            connections: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postProjects: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same key gives the first answer again, and does nothing twice; kept for a day */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description the id of the new project */
                    id: string;
                    /** @description IANA name of its time zone, such as Europe/Berlin (default: UTC) */
                    timezone?: string;
                };
            };
        };
        responses: {
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        timezone: string;
                        createdAt: string;
                        connections: number;
                    };
                };
            };
            /** @description what went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
