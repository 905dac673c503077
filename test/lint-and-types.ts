import { ESLint } from 'eslint';
import ts from 'typescript';

/*
 * What `tsc --project .` and `eslint .` would do, on one program: reading and
 * checking all types is most of the work of either.
 */

const host: ts.ParseConfigFileHost = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic(diagnostic) {
    throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
  },
};

const openProgram = (): ts.Program => {
  const config = ts.getParsedCommandLineOfConfigFile('tsconfig.json', {}, host);
  if (!config) throw new Error('there is no tsconfig.json here');
  const { fileNames: rootNames, options, errors: configFileParsingDiagnostics } = config;
  return ts.createProgram({ rootNames, options, configFileParsingDiagnostics });
};

const checkTypes = (program: ts.Program): boolean => {
  const diagnostics = ts.sortAndDeduplicateDiagnostics(ts.getPreEmitDiagnostics(program));
  const names = {
    getCanonicalFileName: (name: string) => name,
    getCurrentDirectory: () => process.cwd(),
    getNewLine: () => '\n',
  };
  process.stdout.write(ts.formatDiagnostics(diagnostics, names));
  return diagnostics.length === 0;
};

const lint = async (program: ts.Program): Promise<boolean> => {
  // The configuration names the project, for editors and for `eslint FILE`.
  const parserOptions = { project: null, programs: [program] };
  const eslint = new ESLint({ overrideConfig: { languageOptions: { parserOptions } } });
  const results = await eslint.lintFiles('.');
  const formatter = await eslint.loadFormatter('stylish');
  process.stdout.write(await formatter.format(results));
  return results.length > 0 && results.every(({ errorCount, warningCount }) => errorCount + warningCount === 0);
};

const program = openProgram();
const typesAreRight = checkTypes(program);
const lintIsClean = await lint(program);
process.exitCode = typesAreRight && lintIsClean ? 0 : 1;
