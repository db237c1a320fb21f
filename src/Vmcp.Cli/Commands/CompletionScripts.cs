namespace Vmcp.Cli.Commands;

/// <summary>
/// The scripts of <see cref="CompletionCommand"/>. Each hands the line up to the cursor back to the vmcp that is typed there, so a script never gets
/// older than the program. Where vmcp has no word to offer, the shell offers file names.
/// </summary>
internal static class CompletionScripts
{
    private const string Bash = """
        # In this shell: source <(vmcp completion bash)
        # In every new one: vmcp completion bash > ~/.local/share/bash-completion/completions/vmcp
        _vmcp() {
          local line=${COMP_LINE:0:COMP_POINT} word
          COMPREPLY=()
          while IFS= read -r word; do
            COMPREPLY+=("$word")
          done < <("${COMP_WORDS[0]}" complete-line -- "$line" 2> /dev/null)
        }
        complete -o default -F _vmcp vmcp

        """;

    private const string Zsh = """
        #compdef vmcp
        # In this shell, after compinit: source <(vmcp completion zsh)
        # In every new one: vmcp completion zsh > a folder of $fpath, as a file named _vmcp
        _vmcp() {
          local -a candidates
          candidates=(${(f)"$(${words[1]} complete-line -- "${(j: :)words[1,CURRENT-1]} $PREFIX" 2> /dev/null)"})
          if (( ${#candidates} )); then
            compadd -- $candidates
          else
            _files
          fi
        }
        if [ "$funcstack[1]" = "_vmcp" ]; then
          _vmcp "$@"
        else
          compdef _vmcp vmcp
        fi

        """;

    private const string Fish = """
        # In this shell: vmcp completion fish | source
        # In every new one: vmcp completion fish > ~/.config/fish/completions/vmcp.fish
        function __vmcp_complete
            set -l words (commandline -opc)
            $words[1] complete-line -- (commandline -cp) 2> /dev/null
        end
        complete -c vmcp -a '(__vmcp_complete)'

        """;

    private const string PowerShell = """
        # In this shell: vmcp completion powershell | Out-String | Invoke-Expression
        # In every new one: the same line in the file that $PROFILE names
        Register-ArgumentCompleter -Native -CommandName vmcp -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $line = $commandAst.ToString()
            if ($cursorPosition -gt $line.Length) { $line = $line.PadRight($cursorPosition) }
            else { $line = $line.Substring(0, $cursorPosition) }
            & $commandAst.CommandElements[0].ToString() complete-line -- $line 2> $null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }

        """;

    /// <summary>The shells there are scripts for.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish", "powershell"];

    /// <summary>The script of a shell.</summary>
    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        "powershell" => PowerShell,
        _ => throw new ArgumentOutOfRangeException(nameof(shell), shell, "not one of Shells"),
    };
}
