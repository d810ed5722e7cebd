import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { buildProgram } from '../../../cli/program';
import { ROOT, readText } from './compose-file';
import {
  alertNames,
  alerts,
  dashboard,
  dashboardQueries,
  documentedMetrics,
  type Panel,
  RULE_TESTS,
  rules,
} from './monitoring-files';

const RUNBOOKS = 'docs/runbooks';
const pages = readdirSync(join(ROOT, RUNBOOKS)).map((file) => basename(file, '.md'));

describe('The rules and the dashboard', () => {
  const queries = [...rules.map(({ expr }) => expr), ...dashboardQueries];

  it('ask for metrics that exist, by labels that they have', () => {
    const known = documentedMetrics();
    for (const { metric, labels } of queries.flatMap(selectorsOf)) {
      if (metric.startsWith('temporal_')) continue;
      const plain = known.has(metric) ? metric : metric.replace(/_(bucket|sum|count)$/, '');
      expect([...known.keys()]).toContain(plain);
      const has = [...(known.get(plain) ?? []), 'le', 'job', 'instance'];
      expect(labels.filter((label) => !has.includes(label)).map((label) => `${metric} by ${label}`)).toEqual(
        [],
      );
    }
  });

  it('use every metric that tells of something that can go wrong', () => {
    const used = new Set(queries.flatMap(selectorsOf).map(({ metric }) => metric));
    const unused = [...documentedMetrics().keys()].filter(
      (name) => !used.has(name) && !used.has(`${name}_bucket`),
    );
    expect(unused).toEqual([]);
  });

  it('use only recorded series that the rules record', () => {
    const recorded = rules.flatMap(({ record }) => record ?? []);
    for (const query of queries) {
      for (const [name] of query.matchAll(/\bconsent_sync:[\w:]+/g)) expect(recorded).toContain(name);
    }
  });
});

describe('Each alert', () => {
  it.each(alertNames)('%s says what happened, how bad it is, and where to read on', (name) => {
    for (const { labels, annotations } of alerts.filter(({ alert }) => alert === name)) {
      expect(['critical', 'warning']).toContain(labels?.severity);
      expect(annotations?.summary?.length).toBeGreaterThan(20);
      expect(annotations?.summary?.length).toBeLessThan(120);
      expect(annotations?.description?.length).toBeGreaterThan(100);
      expect(annotations?.runbook_url).toBe(`${RUNBOOKS}/${name}.md`);
    }
  });

  it('has its runbook, and each runbook its alert', () => {
    expect([...pages].sort()).toEqual([...alertNames].sort());
  });

  it('is listed in docs/monitoring.md with its runbook', () => {
    const listed = [...readText('docs/monitoring.md').matchAll(/\]\(runbooks\/(\w+)\.md\)/g)];
    expect([...new Set(listed.map(([, name]) => name))].sort()).toEqual([...alertNames].sort());
  });

  it('was made to fire and to clear, in tests of the rules and in the rehearsal', () => {
    const cases = RULE_TESTS.flatMap((file) => (parse(readText(file)) as RuleTests).tests);
    const { SCENARIOS } = require('../../../ops/prometheus/scenarios.js') as {
      SCENARIOS: readonly { readonly alert: string }[];
    };
    for (const name of alertNames) {
      const checks = cases.flatMap((each) =>
        each.promql_expr_test.filter(({ expr }) => expr.includes(`alertname="${name}"`)),
      );
      expect({ name, fires: checks.some(({ exp_samples }) => exp_samples.length > 0) }).toEqual({
        name,
        fires: true,
      });
      expect({ name, clears: checks.some(({ exp_samples }) => exp_samples.length === 0) }).toEqual({
        name,
        clears: true,
      });
      expect(SCENARIOS.map(({ alert }) => alert)).toContain(name);
    }
  });
});

interface RuleTests {
  readonly tests: readonly {
    readonly promql_expr_test: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
  }[];
}

describe('A runbook', () => {
  it.each(pages)(
    '%s says what it means, what is at risk, how to see and mend it, and when it clears',
    (page) => {
      const text = readText(`${RUNBOOKS}/${page}.md`);
      expect(text.startsWith(`# ${page}\n`)).toBe(true);
      expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
        'What it means',
        'What is at risk',
        'How to see it',
        'How to mend it',
        'When it clears',
      ]);
      const severities = alerts.filter(({ alert }) => alert === page).map(({ labels }) => labels?.severity);
      for (const severity of severities) expect(text).toMatch(new RegExp(`^Severity: .*${severity}`, 'm'));
    },
  );

  it.each(pages)('%s names only commands and options that exist', (page) => {
    const commands = commandsIn(readText(`${RUNBOOKS}/${page}.md`));
    for (const command of commands) expect(faultOf(command)).toBeUndefined();
  });

  it('would be found out if it named a command or an option that does not exist', () => {
    expect(commandsIn('Use `consent-sync failures mend`, or\n```sh\nconsent-sync doctor --all\n```')).toEqual(
      ['failures mend', 'doctor --all'],
    );
    expect(faultOf('failures mend')).toBe('consent-sync failures has no command mend');
    expect(faultOf('doctor --all')).toBe('consent-sync doctor has no option --all');
    expect(faultOf('resync status --nightly --max-age "26 hours"')).toBeUndefined();
  });
});

describe('The descriptions of the alerts', () => {
  it('name only commands and options that exist', () => {
    for (const { annotations } of alerts) {
      for (const [, command = ''] of (annotations?.description ?? '').matchAll(/"consent-sync ([^"]+)"/g)) {
        expect(faultOf(command)).toBeUndefined();
      }
    }
  });
});

describe('The dashboard', () => {
  const shown = dashboard.panels.filter(({ type }) => type !== 'row');

  it.each(shown.map((panel) => [panel.title, panel] as const))(
    'explains %s, and shows something',
    (_title, panel) => {
      expect(panel.description?.length).toBeGreaterThan(15);
      expect(panel.targets?.length).toBeGreaterThan(0);
    },
  );

  it('names only runbooks that exist', () => {
    for (const { description = '' } of shown) {
      for (const [name] of description.matchAll(/\bConsentSync\w+/g)) expect(alertNames).toContain(name);
    }
  });

  it('gives each panel an id and a place of its own', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const [index, one] of dashboard.panels.entries()) {
      expect(one.gridPos.x + one.gridPos.w).toBeLessThanOrEqual(24);
      for (const other of dashboard.panels.slice(index + 1)) expect(overlap(one, other)).toBe(false);
    }
  });

  it('is of a schema that Grafana 11 and later read', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
  });
});

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** Metrics of ours and of Temporal's in a query, with the labels by which they are selected. */
function selectorsOf(query: string): { metric: string; labels: string[] }[] {
  return [...query.matchAll(/\b((?:consent_sync|temporal)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', matchers = '']) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].flatMap(([, label]) => label ?? []),
    }),
  );
}

/** What follows `consent-sync` in code: lines of blocks, and inline. */
function commandsIn(markdown: string): string[] {
  const code = [...markdown.matchAll(/```\w*\n([\s\S]*?)```|`([^`\n]+)`/g)];
  return code.flatMap(([, block = '', inline = '']) =>
    [...block.split('\n'), inline].flatMap((line) => /^consent-sync (.+)$/.exec(line.trim())?.[1] ?? []),
  );
}

/** @param words of a command line, without the program's name @returns what is wrong with it */
function faultOf(words: string): string | undefined {
  const given = words.match(/"[^"]*"|\S+/g) ?? [];
  let command: Command = buildProgram('0.0.0', () => undefined);
  let path = 'consent-sync';
  for (const word of given.filter((each) => !each.startsWith('-'))) {
    if (command.commands.length === 0) break;
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) return `${path} has no command ${word}`;
    command = next;
    path += ` ${word}`;
  }
  const known = command.options.map(({ long }) => long);
  const unknown = given.find((word) => word.startsWith('--') && !known.includes(word));
  return unknown === undefined ? undefined : `${path} has no option ${unknown}`;
}
